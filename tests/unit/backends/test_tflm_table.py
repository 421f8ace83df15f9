"""TFLM's table: what TFLM's interpreter was found to compute, and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from edgeq.backends.tflm.operators import SUPPORT
from edgeq.backends.tflm.signatures import SIGNATURES
from edgeq.checker import examine
from edgeq.graph import DType

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks"))

from one_operator import SKETCHES
from sketch import Sketch
from tflm_operators import TABLE, types

KNOWN = json.loads(TABLE.read_text())["operators"]
WHOLE = (DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.INT64, DType.BOOL)
OF_TYPES = {"operand-type", "output-operand-type"}
OF_OTHER_RULES = {"no-input", "unsigned-model"}
"""What else is wrong with a model of one operator, whatever the runtime."""
OF_SIZES = {"RANK", "SHAPE"}
"""Computed before a runtime sees them, in these types."""
SIZES = (DType.INT32, DType.INT64)


def is_taken(opcode: str, source: DType, result: DType) -> bool:
    """Whether the check takes an operator of these types."""
    graph = SKETCHES[opcode][1](Sketch(source, result))
    rules = {found.rule for found in examine(graph, runtime="tflm") if found.severity == "error"}
    assert rules & OF_TYPES or rules <= OF_OTHER_RULES, rules
    return not rules & OF_TYPES


@pytest.mark.parametrize("opcode", sorted(SIGNATURES))
def test_the_check_takes_what_the_interpreter_computes_and_refuses_the_rest(opcode: str) -> None:
    outcome = SKETCHES[opcode][0]
    pairs = {(DType(source), DType(result)) for source, result in KNOWN[opcode]["types"]}
    for source in WHOLE:
        same = DType.BOOL if outcome == "truth" else source
        for result in WHOLE if outcome in ("any", "index") else [same]:
            wanted = (source, result) in pairs or (opcode in OF_SIZES and result in SIZES)
            assert is_taken(opcode, source, result) == wanted, (source, result)


def test_what_is_known_of_an_operator_is_known_of_all() -> None:
    """But of those that keep a state, which have tables of their own."""
    assert set(SIGNATURES) <= set(KNOWN) <= set(SKETCHES)
    assert set(SIGNATURES) <= set(SUPPORT)
    whole = {name for name, row in KNOWN.items() if any("FLOAT32" not in pair for pair in row["types"])}
    assert whole - set(SUPPORT) == {"SUB"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "opcode", ["ADD", "CUMSUM", "DIV", "GATHER", "LESS", "MEAN", "SELECT_V2", "ZEROS_LIKE"]
)
def test_the_interpreter_says_so_still(opcode: str) -> None:
    pytest.importorskip("tflite_micro")
    assert types(opcode) == KNOWN[opcode]["types"]
