"""`edgeq operators`: rows of every taker, filtered by name, taker and type."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edgeq.checker.runtimes import operators_of, runtimes
from edgeq.cli import main
from edgeq.converter.ops import RULES
from edgeq.edgetpu.rules import SUPPORTED


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["operators", *arguments, "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["operators"]
    return found


def test_every_taker_is_there_whole(capsys: pytest.CaptureFixture[str]) -> None:
    every = rows(capsys)
    named = {
        taker: {row["operator"] for row in every if row["taker"] == taker} for taker in ("convert", "edgetpu")
    }
    for runtime in runtimes():
        forms = sum(len(forms) for forms in operators_of(runtime).values())
        assert len([row for row in every if row["taker"] == runtime]) == forms
    assert named["convert"] >= set(RULES)
    assert named["edgetpu"] == set(SUPPORTED)


def test_filters(capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, "conv_2d", "DIV", "--by", "aot", "--type", "int8")
    assert {(row["taker"], row["operator"]) for row in found} == {("aot", "CONV_2D"), ("aot", "DIV")}
    assert all("INT8" in row["types"] for row in found)
    truths = rows(capsys, "--type", "bool", "--by", "aot")
    assert {"LESS", "LOGICAL_AND"} <= {row["operator"] for row in truths}
    assert "DIV" not in {row["operator"] for row in truths}


def test_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators", "sum"]) == 0
    told = capsys.readouterr().out
    assert "MEAN and a multiplication by the count" in told and "aot" in told and "tflm" in told


def test_a_name_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators", "CONV2D"]) == 2
    told = capsys.readouterr().err
    assert "no operator CONV2D" in told and "CONV_2D" in told


def test_a_taker_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators", "--by", "npu"]) == 2
    told = capsys.readouterr().err
    assert "npu" in told and "edgetpu" in told
