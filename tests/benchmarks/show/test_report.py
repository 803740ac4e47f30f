from __future__ import annotations

from pathlib import Path

from synthetic import behaviour, effect

from benchmarks.show.provenance import configurations
from benchmarks.show.report import others, report, values_table
from benchmarks.store.records import Record


def test_a_report_tells_everything() -> None:
    data = effect(blocks=11)
    data["blocks"][3]["void"] = "a neighbour took the processor"
    data["blocks"][0]["trials"][1]["unanswered"] = 30
    data["blocks"][0]["trials"][1]["failures"] = {"timeout": 2}
    text = report(Record(data=data))
    for part in (
        "A Django web server serves more readers",
        "holds: off is better, by about 4 times",
        "95 % interval",
        "10 blocks; on ÷ off, above 1 speaks for the chapter",
        "10 % or more matters; expected: off better",
        "40 readers, 10 workers",
        "limiter   on: workers held by idle connections",
        "block 4: a neighbour took the processor",
        "on: 30 of 400 users had no answer in their window",
        "on: 2 requests failed: timeout",
        "load 20.0 s (84%)",
        "Apache synthetic",
        "configuration of on: apache.conf (all of it: report tune-keepalive --configurations)",
        "Repeat it: python -m benchmarks run tune-keepalive --profile lesson --seed 1",
        "Does its verdict stand? python -m benchmarks replay tune-keepalive",
    ):
        assert part in text, part


def test_a_sweep_is_reported_at_every_value() -> None:
    text = report(Record(data=effect(sweep={0: 0.5, 10: 2.0})))
    assert "holds when the time a page waits is above about 5 ms" in text
    assert " ms (95 % interval" in text
    assert text.count("\n1      off on  ") == 2


def test_a_few_blocks_are_a_hint() -> None:
    assert "a hint, not a verdict" in report(Record(data=effect(blocks=3)))


def test_a_record_without_a_ratio_is_reported_too() -> None:
    data = effect(blocks=2)
    for block in data["blocks"]:
        block["void"] = "refused connections"
    text = report(Record(data=data))
    assert "undecided: no block counts: refused connections" in text
    assert "block 2: refused connections" in text


def test_a_behaviour() -> None:
    text = report(Record(data=behaviour(holds=False)))
    assert "no longer holds" in text
    assert "a wrong option          an error  nothing  no" in text


def test_other_metrics_are_shown_where_they_exist() -> None:
    data = effect(blocks=2)
    for block in data["blocks"]:
        block["trials"][0]["pages"] = 0
    seen = others(Record(data=data), "off")
    assert "CPU/page" not in seen
    assert seen["PSS"] == "80 MB"
    assert "CPU/request" not in seen  # that one is judged


def test_the_table_of_a_notebook() -> None:
    table = values_table(Record(data=effect()))
    assert '<th scope="row">off</th>' in table._repr_html_()
    assert repr(table).splitlines()[-1].startswith("on ÷ off: 4.0 times (95 % interval")


def test_what_is_needed_to_repeat_it() -> None:
    data = effect()
    data |= {
        "commit": "abc1234+",
        "windows": {"warmup": 0.5, "seconds": 2.5, "blocks": 10, "most": 30},
        "stopped": "narrow enough",
        "went_on": ["2026-01-01T01:00:00+00:00"],
        "site": {"settings": "shop.settings", "page": "/cart/"},
        "deployments": {"on": {"deployment": "fastcgi-apache", "options": {"keepalive": 5, "mpm": "prefork"}}},
        "fingerprint": {"cpu": "one", "server_cpus": [0], "environment": {"LANG": "C"}},
    }
    text = report(Record(data=data, path=Path("results/site/2026-01-01/tune-keepalive.json")))
    for part in (
        "commit abc1234+ (and files that were changed since)",
        "windows   2.5 s after 0.5 s of warm-up, 10 to 30 blocks; ended: narrow enough",
        "went on   2026-01-01T01:00:00+00:00",
        "on: fastcgi-apache with keepalive=5, mpm='prefork'",
        "server cpus: [0]",
        'environment: {"LANG": "C"}',
        "run tune-keepalive --profile lesson --seed 1 --site FOLDER --settings shop.settings --page /cart/",
        "replay results/site/2026-01-01/tune-keepalive.json --site FOLDER --settings shop.settings",
    ):
        assert part in text, part


def test_the_configurations_in_full() -> None:
    assert configurations(Record(data=effect())).splitlines() == [
        "# off: apache.conf",
        "KeepAlive Off",
        "",
        "# on: apache.conf",
        "KeepAlive On",
    ]
    assert "holds no configuration" in configurations(Record(data=behaviour()))


def test_the_cost_is_told_by_phase() -> None:
    spent = {"seconds": 10.0, "harness_cpu": 0.5, "generator_cpu": 0.0}
    data = effect(blocks=2)
    data["cost"] = {
        "start": spent,
        "load": spent | {"seconds": 25.0, "generator_cpu": 8.0},
        "warm up": spent | {"seconds": 5.0},
    }
    text = report(Record(data=data))
    assert "start    10.0 s  25%    0.50 s        0.00 s" in text
    assert "load     25.0 s  62%    0.50 s        8.00 s" in text
    assert "all      40.0 s  100%   1.50 s        8.00 s" in text
    assert "75% of the time servers were under load, warm-up included" in text
    assert "Time of a trial" not in text
