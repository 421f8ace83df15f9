"""The figures that were accepted last: read from reports, kept in a file, held against what is found now."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from edgeq.base.errors import UsageError
from edgeq.judge.baseline import FIGURES, Baseline, cell_of, compare, figures_of
from edgeq.judge.junit import Case, junit_xml, properties_of
from edgeq.judge.report import (
    Accuracy,
    Exactness,
    Flash,
    Instructions,
    Latency,
    Origin,
    Ram,
    Report,
    moved,
)

ORIGIN = Origin("0.1", "m" * 64, "b" * 16, "zig 0.17.1", "unicorn")


def report(instructions: int = 1000, flash: int = 2000, accuracy: float | None = 0.9) -> Report:
    sections = (
        Accuracy(None, None, accuracy),
        Exactness("oracle 1", 20, 200, 200, 0, 20),
        Latency(Instructions(1010, instructions, 1500), 400),
        Flash(flash - 100, 100, flash, None),
        Ram(64, 36, None, None, 100, None),
        ORIGIN,
    )
    return Report("net", "sim-m4", "aot", sections)


def test_figures_are_read_from_a_reports_json() -> None:
    assert figures_of(report().to_json()) == {
        "accuracy": 0.9, "argmax_agreement": 1.0, "instructions": 1000, "cycles_estimated": 1500,
        "flash": 2000, "ram": 100, "arena": 64,
    }  # fmt: skip
    assert figures_of({}) == {}
    assert cell_of(report()) == "net/sim-m4@unicorn/aot/zig"
    assert cell_of(replace(report(), sections=report().sections[:2])) == "net/sim-m4/aot"


@pytest.mark.parametrize(
    ("accepted", "now", "percent", "is_worse"),
    [
        ({"flash": 1000}, {"flash": 1010}, 1.0, False),
        ({"flash": 1000}, {"flash": 1011}, 1.1, True),
        ({"flash": 1000}, {"flash": 500}, -50.0, False),
        ({"accuracy": 0.9}, {"accuracy": 0.89}, -1.1111, True),
        ({"accuracy": 0.9}, {"accuracy": 0.95}, 5.5556, False),
        ({"r2": -0.5}, {"r2": -0.6}, -20.0, True),
        ({"mae": 0.0}, {"mae": 0.1}, None, True),
        ({"mae": 0.0}, {"mae": 0.0}, None, False),
        ({"instructions": 5}, {}, None, True),
        ({}, {"instructions": 5}, None, False),
    ],
)
def test_a_change_has_a_direction(
    accepted: dict[str, float], now: dict[str, float], percent: float | None, is_worse: bool
) -> None:
    (change,) = compare(accepted, now, 0.01)
    assert (change.percent, change.is_worse) == (percent, is_worse)


@pytest.mark.parametrize(
    ("accepted", "now", "told", "line"),
    [
        ({"flash": 1000}, {"flash": 1015}, "+1.50 %", "flash +1.50 %"),
        ({"flash": 1000}, {"flash": 1000}, "same", ""),
        ({"mae": 0.0}, {"mae": 0.1}, "from 0", "mae from 0"),
        ({"mae": 0.0}, {"mae": 0.0}, "same", ""),
        ({"instructions": 5}, {}, "not measured any more", "instructions not measured any more"),
        ({}, {"instructions": 5}, "new", ""),
    ],
)
def test_a_change_is_told(accepted: dict[str, float], now: dict[str, float], told: str, line: str) -> None:
    changes = compare(accepted, now)
    assert (changes[0].told, moved(changes)) == (told, line)


def test_every_figure_is_worse_in_its_direction() -> None:
    for figure in FIGURES:
        more, less = (compare({figure.name: 100}, {figure.name: now})[0] for now in (200, 50))
        assert (more.is_worse, less.is_worse) == (figure.better == "less", figure.better == "more")


def test_the_document_has_every_figure() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "ci.md"
    told = re.findall(r"^\| (`.*`) \| (?:more|less)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert re.findall(r"`(\w+)`", " ".join(told)) == [figure.name for figure in FIGURES]


def test_a_regression_is_an_error_that_says_how_much() -> None:
    baseline = Baseline().accepting([report()])
    same = baseline.judged(report())
    assert (same.verdict, same.changes is not None and len(same.changes.changes)) == ("pass", 7)
    worse = baseline.judged(report(instructions=1042, accuracy=None))
    assert worse.verdict == "fail"
    told = [one.message for one in worse.findings]
    assert told == [
        "accuracy is not measured any more: 90.00 % was accepted",
        "instructions: 1,042, 4.20 % more than the 1,000 accepted; 1 % is tolerated",
    ]
    assert baseline.judged(report(instructions=1042), 0.05).verdict == "pass"
    assert baseline.judged(report(instructions=1042), accept=True).verdict == "pass"
    other = replace(report(2000), sections=(*report(2000).sections[:-1], replace(ORIGIN, toolchain="zig 9")))
    assert baseline.judged(other).findings[0].message.endswith("; accepted by zig 0.17.1, now zig 9")


def test_what_is_not_accepted_yet_is_told_and_no_failure() -> None:
    found = Baseline().judged(report())
    assert (found.verdict, [one.severity for one in found.findings]) == ("pass", ["info"])
    assert found.to_json()["baseline"] == {"cell": "net/sim-m4@unicorn/aot/zig", "changes": []}


def test_the_file_is_the_same_whoever_accepted_first(tmp_path: Path) -> None:
    other = replace(report(), board="host")
    text = Baseline().accepting([report(), other]).text()
    assert text == Baseline().accepting([other]).accepting([report()]).text()
    (tmp_path / "b.json").write_bytes(text)
    assert Baseline.read(tmp_path / "b.json").text() == text


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema_version": 2, "cells": {}}', '{"schema_version": 1, "cells": []}',
     '{"schema_version": 1, "cells": {"a": {"figures": {"flash": "x"}}}}',
     '{"schema_version": 1, "cells": {"a": {"figures": {"flash": true}}}}', "[" * 100_000],
)  # fmt: skip
def test_what_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(UsageError, match="no baseline"):
        Baseline.read(tmp_path / "b.json")


def test_a_baseline_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no baseline"):
        Baseline.read(tmp_path / "b.json")
    with pytest.raises(UsageError, match="cannot read"):
        Baseline.read(tmp_path)


def test_junit_has_properties_and_takes_whatever_a_device_says() -> None:
    from xml.etree import ElementTree

    cases = [
        Case("a", 1.0, "pass", properties=properties_of(report())),
        Case("b<&>", 0.5, "fail", "flash: more", "flash: more\nreport: x"),
        Case("c", 0.25, "error", "silent", "last: \x00\x1b[31m\ud800 \U0001f600 ü]]>"),
    ]
    root = ElementTree.fromstring(junit_xml(cases))
    (suite,) = root
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "time")} == {
        "tests": "3", "failures": "1", "errors": "1", "time": "1.750",
    }  # fmt: skip
    told = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert told["origin.model_sha256"] == "m" * 64
    assert (told["board"], told["origin.toolchain"]) == ("sim-m4", "zig 0.17.1")
    assert told["figure.instructions"] == "1000"
    assert [case.get("name") for case in suite] == ["a", "b<&>", "c"]
    (error,) = suite.iter("error")
    assert error.text == "last: \ufffd\ufffd[31m\ufffd \U0001f600 ü]]>"
    assert json.dumps(report().to_json())
