"""A reader's own Django project, run so that it writes into the deployment's folder and not beside itself.

Only the standard library and Django, in whatever versions the project has: this runs in the project's interpreter.

    settings.py   the project's settings, with what writes turned towards the deployment's folder
    turn.py       how they are turned
    wsgi.py       the project's WSGI application, loaded after these settings
    look.py       prints what a deployment must know of the project, without opening its database
    packages.py   prints what is installed in the interpreter, for a record of a measurement
"""
