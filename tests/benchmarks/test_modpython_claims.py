"""The behaviour claims about mod_python, each looked at in a real Apache, and what is expected of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import experiments
from benchmarks.plan.behaviour import Behaviour
from labs import deploy
from labs.servers.mod_python import ModPython
from labs.servers.mod_wsgi import ModWsgi

pytestmark = pytest.mark.servers

# claim -> how many findings, and how many of them speak against the chapter
CLAIMS = {
    "modpython-location": (4, 0),
    "modpython-path": (5, 0),
    "modpython-debug": (6, 0),
    "modpython-subdir": (6, 4),
    "modpython-vhosts": (5, 0),
    "modpython-interpreter": (8, 0),
    "modpython-print": (8, 0),
    "modpython-errors": (8, 0),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_is_seen_is_what_the_book_says(claim: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from labs import paths

    for module in (ModPython.module, ModWsgi.module):
        if module.look() is None:
            pytest.skip(f"{module.name} is not on this machine")
    monkeypatch.setattr(paths, "RUN", tmp_path / "run")
    experiment = experiments.get(claim)
    assert isinstance(experiment, Behaviour)
    findings = list(experiment.checks(deploy))
    against = [
        f"{finding.what}: {finding.expected}, and seen: {finding.seen}" for finding in findings if not finding.ok
    ]
    assert (len(findings), len(against)) == CLAIMS[claim], against
