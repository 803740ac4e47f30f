"""`python -m labs`."""

from labs.entry import begin

begin()

from labs.commands.cli import main  # noqa: E402 - what it imports looks at the streams

main()
