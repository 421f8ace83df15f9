from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import edgeq
from edgeq.boards import load_board
from edgeq.builder import Image, Sizes
from edgeq.checker import Finding
from edgeq.judge import Judgement
from edgeq.judge.report import (
    Accuracy,
    Cycles,
    Exactness,
    Instructions,
    Latency,
    Stack,
    Thresholds,
    report_schema,
)
from edgeq.judge.report.exactness import Difference
from edgeq.judge.reporting import make_report

EXACT = Exactness("oracle 1.0 BUILTIN_REF", 20, 240, 240, 0, 20)
JUDGEMENT = Judgement(
    Accuracy(0.99, 0.985, 0.98, "probabilities"),
    EXACT,
    Latency(Instructions(1010, 1000, 1500), 400),
    Stack(812, 4096),
)
WARNING = Finding("open-batch", "warning", 2, "CONV_2D", "x", "INT8", "the batch is open", "freeze it")
NO_CYCLES = dict.fromkeys(("cycles_first", "cycles_warm", "clock_hz", "ms_first", "ms_warm", "spread"))
CHECKED: Any = SimpleNamespace(graph=SimpleNamespace(name="digits"), runtime="aot", findings=(WARNING,))


def image(board: str = "sim-m4") -> Image:
    sizes = Sizes(1000, 24, 1024, 64, 100, 4096, 4260, None if board == "host" else 920)
    return Image(Path("p/build/f.elf"), Path("p"), load_board(board), "m" * 64, "b" * 16, "zig", sizes)


def problems(value: Any, schema: dict[str, Any], at: str = "$") -> list[str]:
    """What of a JSON value breaks a schema; knows the words that the report's schema uses, and no others."""
    known = {"$schema", "title", "description", "type", "properties", "required", "additionalProperties"}
    assert set(schema) <= known | {"items", "enum", "const", "minimum", "maximum"}, schema
    kinds = schema.get("type", [])
    names = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    name = names.get(type(value), "integer" if isinstance(value, int) else "number")
    allowed = [kinds] if isinstance(kinds, str) else kinds
    found = []
    if allowed and name not in allowed and not (name == "integer" and "number" in allowed):
        found.append(f"{at} is {name}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{at} is not {schema['const']}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at} is none of {schema['enum']}")
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get(
        "maximum", value
    ):
        found.append(f"{at} is out of range")
    if isinstance(value, dict):
        inner, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
        found += [f"{at}.{key} is missing" for key in schema.get("required", []) if key not in value]
        for key, part in value.items():
            if key not in inner and rest is False:
                found.append(f"{at}.{key} is unknown")
            else:
                found += problems(part, inner.get(key, rest), f"{at}.{key}")
    if isinstance(value, list):
        for i, part in enumerate(value):
            found += problems(part, schema.get("items", {}), f"{at}[{i}]")
    return found


def test_the_keys_are_the_contract():
    report = make_report(CHECKED, image(), JUDGEMENT).to_json()
    first, rest = "schema_version verdict model board runtime", "flash ram findings artefacts origin"
    assert " ".join(report) == f"{first} accuracy exactness latency {rest}"
    assert {
        key: list(part) for key, part in report.items() if isinstance(part, dict) and key != "artefacts"
    } == {
        "accuracy": ["float", "int8", "device", "output"],
        "exactness": [
            "oracle",
            "samples",
            "outputs",
            "exact",
            "off_by_one",
            "argmax_agree",
            "max_difference",
            "first",
        ],
        "latency": [
            "instructions_first",
            "instructions_warm",
            "cycles_estimated",
            "macs",
            "cycles_first",
            "cycles_warm",
            "clock_hz",
            "ms_first",
            "ms_warm",
            "spread",
        ],
        "flash": ["code", "weights", "total", "board"],
        "ram": ["arena", "static", "stack", "stack_bound", "total", "board"],
        "origin": ["edgeq", "model_sha256", "build_hash", "toolchain", "place", "device", "command"],
    }


def test_the_values():
    logs = {"serial_log": Path("s.log")}
    report = make_report(CHECKED, image(), JUDGEMENT, artefacts=logs, place="unicorn")
    assert report.with_artefacts(report=Path("r.json")).to_json() == {
        "schema_version": 1,
        "verdict": "pass",
        "model": "digits",
        "board": "sim-m4",
        "runtime": "aot",
        "accuracy": {"float": 0.99, "int8": 0.985, "device": 0.98, "output": "probabilities"},
        "exactness": {
            "oracle": "oracle 1.0 BUILTIN_REF",
            "samples": 20,
            "outputs": 240,
            "exact": 240,
            "off_by_one": 0,
            "argmax_agree": 20,
            "max_difference": 0,
            "first": None,
        },
        "latency": {
            **{"instructions_first": 1010, "instructions_warm": 1000, "cycles_estimated": 1500},
            "macs": 400,
            **NO_CYCLES,
        },
        "flash": {"code": 1000, "weights": 24, "total": 1024, "board": 1 << 20},
        "ram": {"arena": 64, "static": 100, "stack": 812, "stack_bound": 920, "total": 976, "board": 1 << 18},
        "findings": [
            {
                "rule": "open-batch",
                "severity": "warning",
                "operator": 2,
                "opcode": "CONV_2D",
                "tensor": "x",
                "dtype": "INT8",
                "message": "the batch is open",
                "hint": "freeze it",
            }
        ],
        "artefacts": {
            "project": "p",
            "firmware": str(Path("p/build/f.elf")),
            "serial_log": "s.log",
            "report": "r.json",
        },
        "origin": {
            "edgeq": edgeq.__version__,
            "model_sha256": "m" * 64,
            "build_hash": "b" * 16,
            "toolchain": "zig",
            "place": "unicorn",
            "device": None,
            "command": None,
        },
    }


NOTHING = Judgement(Accuracy(None, None, None), EXACT, Latency(None, None), None)


@pytest.mark.parametrize("judgement", [JUDGEMENT, NOTHING])
@pytest.mark.parametrize("board", ["sim-m0", "host"])
def test_reports_follow_the_schema(judgement, board):
    report = make_report(CHECKED, image(board), judgement, Thresholds(min_accuracy=0.999), notes=("cut",))
    value = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert problems(value, report_schema()) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda r: r.pop("verdict"), "$.verdict is missing"),
        (lambda r: r.update(extra=1), "$.extra is unknown"),
        (lambda r: r.update(schema_version=2), "$.schema_version is not 1"),
        (lambda r: r["accuracy"].update(device=1.5), "$.accuracy.device is out of range"),
        (lambda r: r["exactness"].update(exact=None), "$.exactness.exact is null"),
        (lambda r: r["exactness"].update(exact=0.5), "$.exactness.exact is number"),
        (lambda r: r["ram"].update(stack=-1), "$.ram.stack is out of range"),
        (lambda r: r["findings"][0].update(severity="bad"), "$.findings[0].severity is none of"),
    ],
)
def test_the_schema_refuses(change, problem):
    value = make_report(CHECKED, image(), JUDGEMENT).to_json()
    change(value)
    assert problems(value, report_schema())[0].startswith(problem)


def test_what_was_not_measured_is_null_and_not_counted():
    report = make_report(CHECKED, image("host"), NOTHING).to_json()
    assert report["accuracy"] == {"float": None, "int8": None, "device": None, "output": None}
    assert set(report["latency"].values()) == {None}
    assert report["ram"] == {
        "arena": 64,
        "static": 100,
        "stack": None,
        "stack_bound": None,
        "total": 164,
        "board": None,
    }
    assert report["flash"]["board"] is None


def on_board(drift: float | None, hz: int | None = 80_000_000) -> Judgement:
    counted = Cycles(first=4_080_000, warm=4_000_000, hz=hz, drift=drift)
    return replace(JUDGEMENT, latency=Latency(counted, 400))


def test_cycles_become_milliseconds_by_a_clock_that_the_hosts_agrees_with():
    latency = make_report(CHECKED, image(), on_board(-0.012)).to_json()["latency"]
    assert latency == {
        **{"instructions_first": None, "instructions_warm": None, "cycles_estimated": None, "macs": 400},
        **{"cycles_first": 4_080_000, "cycles_warm": 4_000_000, "clock_hz": 80_000_000},
        **{"ms_first": 51.0, "ms_warm": 50.0, "spread": None},
    }


@pytest.mark.parametrize(("drift", "hz"), [(0.5, 80_000_000), (-0.04, 80_000_000), (None, 1), (0.0, None)])
def test_a_clock_that_is_wrong_or_unknown_gives_no_milliseconds(drift: float | None, hz: int | None):
    report = make_report(CHECKED, image(), on_board(drift, hz), Thresholds(max_latency=100)).to_json()
    assert report["latency"]["cycles_warm"] == 4_000_000
    assert (report["latency"]["ms_first"], report["latency"]["ms_warm"]) == (None, None)
    told = {finding["rule"]: finding for finding in report["findings"]}
    assert told["clock"]["severity"] == "warning"
    assert ("1.500 times" in told["clock"]["message"]) == (drift == 0.5)
    assert told["max-latency"]["severity"] == "error", "a limit on what is not known does not hold"


FIRST = Difference(sample=3, output=0, tensor="out", element=5, expected=3, got=-2)
OFF = replace(JUDGEMENT, exactness=replace(EXACT, exact=200, off_by_one=30, max_difference=7, first=FIRST))


@pytest.mark.parametrize(
    ("thresholds", "judgement", "words"),
    [
        (Thresholds(min_accuracy=0.981), JUDGEMENT, ("98.00 %", "98.10 %")),
        (Thresholds(max_latency=49.9), on_board(0.01), ("50.000 ms", "49.9")),
        (
            Thresholds(max_accuracy_drop=0.009),
            JUDGEMENT,
            ("1.00 points", "99.00 % (float)", "98.00 %", "0.90"),
        ),
        (
            Thresholds(max_accuracy_drop=0.004),
            replace(JUDGEMENT, accuracy=Accuracy(None, 0.985, 0.98)),
            ("0.50 points", "98.50 % (int8)"),
        ),
        (Thresholds(max_instructions=999), JUDGEMENT, ("1,000 instructions", "999")),
        (Thresholds(max_cycles=1499), JUDGEMENT, ("an estimated 1,500 cycles", "1,499")),
        (Thresholds(max_cycles=3_999_999), on_board(0.01), ("takes 4,000,000 cycles", "3,999,999")),
        (Thresholds(max_cycles=10**9), NOTHING, ("not measured",)),
        (
            Thresholds(max_cycles=10**9),
            replace(JUDGEMENT, latency=Latency(Instructions(9, 9), 1)),
            ("not measured",),
        ),
        (Thresholds(require_exact=True), OFF, ("40 of 240", "30 by one", "oracle 1.0")),
        (Thresholds(min_accuracy=0.1), NOTHING, ("not measured",)),
        (Thresholds(max_accuracy_drop=0.1), NOTHING, ("not measured",)),
        (Thresholds(max_instructions=10**9), NOTHING, ("not measured",)),
    ],
)
def test_a_limit_that_is_not_met_fails_and_says_by_how_much(thresholds, judgement, words):
    report = make_report(CHECKED, image(), judgement, thresholds)
    (finding,) = (f for f in report.findings if f.severity == "error")
    assert report.verdict == "fail"
    assert all(word in finding.message for word in words), finding.message
    assert finding.hint
    assert getattr(thresholds, finding.rule.replace("-", "_"))


@pytest.mark.parametrize(
    "thresholds",
    [
        Thresholds(),
        Thresholds(min_accuracy=0.98, max_accuracy_drop=0.01, max_instructions=1000, require_exact=True),
        Thresholds(max_cycles=1500),
    ],
)
def test_limits_that_are_met(thresholds):
    report = make_report(CHECKED, image(), JUDGEMENT, thresholds)
    assert report.verdict == "pass"
    assert report.findings == (WARNING,)


INEXACT = (
    "40 of 240",
    "30 by one",
    "none by more than 7",
    "sample 3, output 0 ('out'), element 5: -2 instead of 3",
)


def test_without_limits_firmware_that_is_not_exact_fails():
    report = make_report(CHECKED, image(), OFF)
    (finding,) = (one for one in report.findings if one.rule == "inexact")
    assert (report.verdict, finding.severity) == ("fail", "error")
    assert all(word in finding.message for word in INEXACT), finding.message


def test_what_was_allowed_is_told_and_does_not_fail():
    report = make_report(CHECKED, image(), OFF, Thresholds(allow_inexact=True))
    (finding,) = (one for one in report.findings if one.rule == "inexact")
    assert (report.verdict, finding.severity) == ("pass", "warning")


def test_one_difference_is_one_finding():
    report = make_report(CHECKED, image(), OFF, Thresholds(require_exact=True, allow_inexact=True))
    assert [one.rule for one in report.findings if one.severity == "error"] == ["require-exact"]
    assert "inexact" not in [one.rule for one in report.findings]


def test_what_inexactness_costs_is_told():
    report = make_report(CHECKED, image(), replace(OFF, accuracy=Accuracy(None, 1.0, 0.06)))
    told = {one.rule: one for one in report.findings}
    assert "accuracy falls from 100.00 % to 6.00 %" in told["inexact"].message
    assert told["max-accuracy-drop"].severity == "error", "94 points"


def test_an_edge_tpu_need_not_be_exact():
    judgement = replace(OFF, is_exact_by_construction=False)
    assert Thresholds().findings(judgement) == ()
    (finding,) = Thresholds(require_exact=True).findings(judgement)
    assert finding.rule == "require-exact" and "arg-max agreement" in finding.hint


@pytest.mark.parametrize(
    ("accuracy", "samples", "fails"),
    [
        (Accuracy(0.995, 0.125, 0.125), 360, True),
        (Accuracy(1.0, 0.949, 0.949), 1000, True),
        (Accuracy(1.0, 0.951, 0.951), 1000, False),
        (Accuracy(0.9, 0.9, 0.8), 20, False),  # two samples
        (Accuracy(0.9, 0.9, 0.75), 20, True),
        (Accuracy(None, 0.9, 0.4), 100, True),
        (Accuracy(None, None, None), 100, False),
        (Accuracy(0.5, 0.9, 0.9), 100, False),
    ],
)
def test_without_limits_accuracy_may_drop_by_five_points(accuracy: Accuracy, samples: int, fails: bool):
    judgement = replace(JUDGEMENT, accuracy=accuracy, exactness=replace(EXACT, samples=samples))
    found = Thresholds().findings(judgement)
    assert [one.rule for one in found] == ["max-accuracy-drop"] * fails
    assert all("--max-accuracy-drop" in one.message for one in found)
    assert Thresholds(max_accuracy_drop=1.0).findings(replace(judgement, accuracy=Accuracy(1, 0, 0))) == ()


def test_a_stack_that_is_nearly_used_up_is_told():
    report = make_report(CHECKED, image(), replace(JUDGEMENT, stack=Stack(3900, 4096)))
    assert report.verdict == "pass"
    assert [f.rule for f in report.findings] == ["open-batch", "stack"]
    assert "3,900 of 4,096" in report.findings[1].message
    less = make_report(CHECKED, image(), replace(JUDGEMENT, stack=Stack(700, 912)))
    assert "can grow to 920 bytes, and 912 are reserved" in less.findings[1].message
