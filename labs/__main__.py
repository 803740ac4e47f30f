"""`python -m labs`."""

from labs.commands.cli import main

main()
