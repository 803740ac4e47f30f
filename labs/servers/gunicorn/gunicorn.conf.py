# gunicorn around Django: a master that watches, workers that serve. The reference of this book.

wsgi_app = "@wsgi@"
bind = "@bind@"
workers = @workers@  # processes, each with its own copy of the site
worker_class = "@worker_class@"  # sync: one request at a time; gthread: a pool of threads a worker
threads = @threads@
keepalive = @keepalive@  # seconds an idle connection is kept; the sync worker closes it after each answer all the same
preload_app = @preload@  # True loads the site once, before the workers are forked, and they share its memory
backlog = 2048  # connections that wait in the kernel when all workers are busy
worker_tmp_dir = "@folder@"  # workers show here that they are alive
errorlog = "@folder@/log/gunicorn-error.log"
loglevel = "info"
accesslog = None  # writing a line a request would be measured too
control_socket_disable = True  # the control socket lies in the home folder, and all gunicorns share it
