"""`edgeq report`: what earlier runs found, compared, as a page and as Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.judge.page.reports import LADDER, LAYERS, classifier, regression

from .conftest import Edgeq


def keep(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """An output folder."""
    return keep(tmp_path / "now" / "report.json", classifier(code=1100)).parent


def test_one_run_and_what_has_changed_since_another(edgeq: Edgeq, run: Path, tmp_path: Path) -> None:
    shown = edgeq("report", run)
    assert shown.code == 0 and "PASS" in shown.out and "1,600 bytes" in shown.out
    before = keep(tmp_path / "before.json", classifier(code=1000))
    shown = edgeq("report", before, run)
    assert "+6.67 %" in shown.out
    found = edgeq("report", before, run, "--json").json["runs"]
    assert len(found) == 1
    assert {"figure": "flash", "accepted": 1500, "now": 1600, "percent": 6.6667, "is_worse": True} in (
        found[0]["changes"]
    )


def test_a_page_is_written_and_never_over_another(edgeq: Edgeq, run: Path, tmp_path: Path) -> None:
    layers, ladder = keep(tmp_path / "d.json", LAYERS), keep(tmp_path / "c.json", LADDER)
    page = tmp_path / "page.html"
    given = ("report", run, "--html", page)
    assert edgeq(*given, "--layers", layers, "--ladder", ladder).code == 0
    text = page.read_text()
    assert "Error by layer" in text and "From float to int8" in text
    refused = edgeq(*given)
    assert refused.code == 2 and "--force" in refused.err and page.read_text() == text
    assert edgeq(*given, "--force").code == 0
    assert "Error by layer" not in page.read_text()


def test_a_matrix_is_a_row_for_each_cell(edgeq: Edgeq, tmp_path: Path) -> None:
    reports = [classifier("a"), classifier("b"), regression()]
    cells = [{"cell": str(i), "outcome": "pass", "report": one} for i, one in enumerate(reports)]
    cells.append({"cell": "3", "outcome": "error", "error": {"message": "no board"}})
    whole = keep(tmp_path / "matrix.json", {"schema_version": 1, "verdict": "fail", "cells": cells})
    several = {"schema_version": 1, "runtimes": {"aot": reports[0], "tflm": reports[1]}}
    for i, one in enumerate(reports):
        keep(tmp_path / "out" / str(i) / "report.json", one)
    for place, rows in ((whole, 3), (tmp_path / "out", 3), (keep(tmp_path / "s.json", several), 2)):
        text = edgeq("report", place, "--markdown").out
        assert sum(line.startswith("|") for line in text.splitlines()) == 2 + rows
    assert edgeq("report", whole, "--html", tmp_path / "all.html").code == 0
    assert "3 runs, 1 failed" in (tmp_path / "all.html").read_text()
    changed = edgeq("report", whole, tmp_path / "out", "--json").json["runs"]
    assert [bool(one["changes"]) for one in changed] == [True] * 3  # each with its own


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"null",
        b'{"schema_version": 2}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"cells": [1]}',
    ],
)
def test_what_is_no_report_is_told_so(edgeq: Edgeq, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.json").write_bytes(content)
    told = edgeq("report", tmp_path / "r.json")
    assert told.code == 2 and "no report of edgeq's" in told.err


def test_a_report_that_was_damaged_gives_no_page(edgeq: Edgeq, run: Path, tmp_path: Path) -> None:
    value = classifier()
    value["exactness"] = {"outputs": "many"}
    told = edgeq("report", keep(tmp_path / "r.json", value), "--html", tmp_path / "p.html")
    assert told.code == 2 and "no report of edgeq's" in told.err
    assert not (tmp_path / "p.html").exists()
    told = edgeq("report", run, "--html", tmp_path / "p.html", "--layers", tmp_path / "r.json")
    assert told.code == 2 and "edgeq debug" in told.err
    assert edgeq("report", tmp_path / "nothing").code == 2
