# lighttpd gives this file to the interpreter, once for every request.
import os

from django_runfcgi.cgi import main

os.chdir("@project@")  # where manage.py lies: a relative path means the same to the site here
os.environ["SCRIPT_NAME"] = ""  # the rewritten name of this file is no part of the site's URLs
main()
