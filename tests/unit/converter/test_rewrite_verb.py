"""``--rewrite`` on the command line, and what is said of a model that edgeq's own runtime cannot run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import edgeq
from edgeq.cli import main
from edgeq.graph import load_model, write_model

from .catalogue import CASES


def files(folder: Path, name: str) -> list[str]:
    case = CASES[name]
    graph = case.graph()
    (folder / "net.tflite").write_bytes(write_model(graph))
    np.savez(folder / "data.npz", x=case.samples(graph, 20, 0)[0])
    return ["convert", str(folder / "net.tflite"), "--calibration", str(folder / "data.npz")]


def test_an_operator_without_int8_form_is_refused_and_the_option_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*files(tmp_path, "SIN"), "--out", str(tmp_path / "q.tflite")]) == 2
    told = capsys.readouterr().err
    assert "SIN" in told and "--rewrite" in told and "table of 256 results" in told
    assert not (tmp_path / "q.tflite").exists()


def test_rewrite_puts_a_table_there_and_says_what_it_costs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "q.tflite"
    assert main([*files(tmp_path, "SIN"), "--rewrite", "--out", str(target), "--json"]) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any("SIN" in note and "8 bytes of memory an element" in note for note in notes)
    assert not any("runtime (aot)" in note for note in notes), "it has CAST, ADD of INT32 and GATHER"
    assert [op.opcode for op in load_model(target)[1].operators] == ["CAST", "ADD", "GATHER"]


def test_the_api_rewrites_too(tmp_path: Path) -> None:
    path = files(tmp_path, "SQUARE")[1]
    done = edgeq.convert(path, str(tmp_path / "data.npz"), rewrite=True)
    assert [op.opcode for op in done.graph.operators] == ["MUL"]
    assert not any("runtime (aot)" in note for note in done.notes), "it has MUL"
