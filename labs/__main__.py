"""`python -m labs`."""

from labs.cli.entry import begin

begin()

from labs.cli.main import main  # noqa: E402 - what it imports looks at the streams

main()
