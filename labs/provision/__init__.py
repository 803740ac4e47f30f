"""Setting up: the virtual environment and the servers in .servers/.

The two programs here, environment.py and servers.py, are run by the system's python3 before anything is installed.
They use the standard library alone, and of the other labs nothing but the base of our errors.
"""
