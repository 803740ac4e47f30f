"""A folder to run commands in, from which nothing escapes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from labs import Shell, Site
from labs.errors import LabError

pytestmark = pytest.mark.servers


def test_a_command_gets_the_site_and_gives_its_output(
    tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    with Shell(tiny) as shell:
        code = "import os, sys; print(os.environ['DJANGO_SETTINGS_MODULE']); sys.exit(3)"
        result = shell.run(sys.executable, "-c", code)
        assert (result.status, result.output) == (3, "tiny\n")
        assert repr(result).endswith("tiny\n(exit status 3)")
        assert shell.folder.path.parent == run_folder
    nothing_left()


def test_a_command_that_does_not_end_is_ended(tiny: Site, run_folder: Path) -> None:
    with Shell(tiny) as shell:
        with pytest.raises(LabError, match=r"did not end within 0\.3 s. It said: waiting"):
            shell.run(sys.executable, "-u", "-c", "import time; print('waiting'); time.sleep(60)", seconds=0.3)
        assert shell.processes() == []


def test_what_a_command_leaves_in_the_background_ends_with_the_shell(
    tiny: Site, run_folder: Path, nothing_left: Callable[[], None]
) -> None:
    code = "import os, time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\ntime.sleep(600)"
    with Shell(tiny) as shell:
        assert shell.run(sys.executable, "-c", code).status == 0
        end = time.monotonic() + 5
        while not shell.processes():
            assert time.monotonic() < end
            time.sleep(0.01)
    nothing_left()


def test_paths_of_the_folder_read_as_names(tiny: Site, run_folder: Path) -> None:
    with Shell(tiny) as shell:
        result = shell.run(sys.executable, "-c", "import sys; print(sys.argv[1])", "{folder}/a")
        assert result.output == "{folder}/a\n"
        assert "{folder}/a" in result.command
