"""The doctor: what is here, what would bring the rest, what that enables, what limits measuring."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labs.deployments.catalogue import ARRANGEMENTS
from labs.doctor import limits
from labs.doctor.findings import beside, examine, readiness
from labs.servers.kinds import programs
from labs.servers.program import Program

TITLES = {"Apache", "lighttpd", "nginx", "memcached", "mod_python", "mod_wsgi", "gunicorn", "flup"} | {
    "PostgreSQL",
    "psycopg",
}


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_every_server_says_what_brings_it_and_what_it_enables() -> None:
    entries = {entry["name"]: entry for entry in examine()["servers"]}
    assert set(entries) == set(programs()) >= TITLES
    for entry in entries.values():
        assert entry["packages"] and set(entry["packages"]) <= {"apt", "dnf", "pacman", "brew", "pip"}
        assert bool(entry["version"]) == bool(entry["source"]) == bool(entry["path"])
    assert {"fastcgi-apache", "sites-apache"} <= set(entries["Apache"]["deployments"])
    assert set(entries["Apache"]["packages"]) == {"apt", "dnf", "pacman", "brew"}
    assert entries["flup"]["packages"] == {"pip": "flup"}
    assert entries["memcached"]["deployments"] == []
    assert {"tune-keepalive", "modpython-print"} <= set(entries["Apache"]["claims"])
    assert entries["memcached"]["claims"] == ["tune-often"]
    assert {"tune-keepalive", "fastcgi-faster"} <= set(entries["flup"]["claims"])
    assert "modpython-print" not in entries["flup"]["claims"], "it is only in the environment there"


def test_the_records_of_experiments_name_what_their_deployments_need() -> None:
    from benchmarks import experiments
    from benchmarks.plan.experiment import Experiment

    servers = {entry["name"]: entry for entry in examine()["servers"]}
    for claim in experiments.names():
        experiment = experiments.get(claim)
        if isinstance(experiment, Experiment):
            for arm in experiment.arms.values():
                for title in ARRANGEMENTS[arm.deployment].needs:
                    assert claim in servers[title]["claims"], (claim, title)


def test_a_missing_server_names_the_package_of_this_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **_: "/usr/bin/pacman" if name == "pacman" else None)
    program = Program(name="lighttpd", apt="lighttpd", pacman="lighttpd")
    assert program.brings() == "pacman -S lighttpd, or LABS_LIGHTTPD=/path/to/lighttpd"


def test_readiness_follows_from_the_servers() -> None:
    entries = {entry["name"]: entry for entry in readiness()}
    assert set(entries) == set(ARRANGEMENTS)
    assert entries["cgi-lighttpd"]["needs"] == ["lighttpd"]
    assert entries["fastcgi-apache"]["needs"] == ["flup", "Apache"]
    assert entries["modpython-apache"]["needs"] == ["mod_python", "Apache"]


def test_what_each_of_them_takes_beside_is_named_with_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(beside()) == {"--cache memcached", "--set database=postgresql"}
    monkeypatch.setenv("LABS_POSTGRESQL", "/no/such/postgres")
    lacking = beside()["--set database=postgresql"]
    assert lacking.startswith("missing PostgreSQL: LABS_POSTGRESQL names /no/such/postgres")


QUIET: dict[str, str] = {
    "sys/fs/cgroup/cgroup.controllers": "cpu memory",
    "sys/fs/cgroup/cgroup.procs": "",
    "sys/fs/cgroup/cpu.max": "max 100000",
    "proc/stat": "cpu  900 0 50 9000 10 0 5 0 0 0\ncpu0 1 1 1 1\n",
    "proc/meminfo": "MemTotal: 8000000 kB\nSwapTotal: 2000000 kB\nSwapFree: 2000000 kB\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n",
    "sys/devices/system/cpu/intel_pstate/no_turbo": "1\n",
    "sys/class/power_supply/BAT0/status": "Full\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
}


def facts(root: Path) -> dict[str, limits.Fact]:
    return {fact["name"]: fact for fact in limits.machine(root)}


def test_a_machine_without_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    found = facts(tree(tmp_path, QUIET))
    assert [fact["matters"] for fact in found.values() if fact["matters"]] == []
    assert found["cgroup"]["value"] == "version 2"
    assert found["power"]["value"] == "mains"
    assert found["steal"]["value"] == "0.0% since the start"
    assert "quota" not in found


@pytest.mark.parametrize(
    ("file", "text", "name", "value", "matters"),
    [
        ("sys/fs/cgroup/cpu.max", "150000 100000", "quota", "1.5 processors", "stands still until the next period"),
        ("proc/stat", "cpu  900 0 50 9000 10 0 5 500\n", "steal", "4.8% since the start", "neighbour"),
        (
            "proc/meminfo",
            "SwapTotal: 2000000 kB\nSwapFree: 1000000 kB\n",
            "swap",
            "976 MB used",
            "read back from disk",
        ),
        (
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
            "powersave",
            "frequency",
            "powersave",
            "follows the load",
        ),
        ("sys/devices/system/cpu/intel_pstate/no_turbo", "0", "boost", "on", "cool processor"),
        ("sys/class/power_supply/BAT0/status", "Discharging", "power", "battery", "Plug in"),
        (
            "sys/devices/system/clocksource/clocksource0/current_clocksource",
            "hpet",
            "clock",
            "hpet",
            "clock is slow",
        ),
    ],
)
def test_each_limit_is_said(file: str, text: str, name: str, value: str, matters: str, tmp_path: Path) -> None:
    fact = facts(tree(tmp_path, {**QUIET, file: text}))[name]
    assert fact["value"] == value
    assert matters in fact["matters"]


def test_control_groups_of_version_1(tmp_path: Path) -> None:
    found = facts(
        tree(
            tmp_path,
            {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"},
        )
    )
    assert found["quota"]["value"] == "0.5 processors"
    assert found["cgroup"]["value"] == "version 1" and found["cgroup"]["matters"]


def test_one_processor_and_a_busy_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr(os, "getloadavg", lambda: (9.0, 5.0, 1.0))
    assert "rates are not comparable" in limits.processors()["matters"]
    assert "Measure when it is quiet" in limits.load()["matters"]


def test_a_system_without_proc_says_less(tmp_path: Path) -> None:
    assert set(facts(tmp_path)) == {"system", "processors", "user", "load"}
