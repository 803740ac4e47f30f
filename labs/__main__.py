"""`python -m labs`."""

from labs.cli import main

main()
