"""A reader's own Django project, run so that it writes into the deployment's folder and not beside itself.

Only the standard library and Django, in whatever versions the project has: this runs in the project's interpreter.

    look.py       prints what a deployment must know of the project, without opening its database
    packages.py   prints what is installed in the interpreter, for a record of a measurement
    settings.py   the project's settings, with what writes turned towards the deployment's folder
    turn.py       how they are turned; databases, caches, mail, logs, storages, queues and paths, each for its part
    __main__.py   loads the project as a server would, and says what is not proved
    chosen.py     the class of a storage, looked at when it is first used
    proof.py      what can be written, looked at once more in the process that serves, before the first request
    fence.py      what refuses a connection to anybody else, and a write where the system has no better guard
    wsgi.py       the project's WSGI application, loaded after these settings
"""
