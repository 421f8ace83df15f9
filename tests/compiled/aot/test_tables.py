"""Operators of one byte that are tables: all 256 results the oracle's, over scales, slopes and extremes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exact import holds_here, holds_on
from nets import Net

from edgeq.checker import examine

ALL = (1, 256)
NON_NEGATIVE = ("SQRT", "RSQRT")
TABLES = ("LEAKY_RELU", "HARD_SWISH", "EXP", "LOG", "GELU", "SQRT", "RSQRT", "ABS", "NEG", "RELU_0_TO_1")
BY_TFLM = ("ELU",)
"""LiteRT's reference has no int8 ELU; TFLM's has."""
EXTREMES = (
    ((0.004, -128), (0.05, 127)),
    ((0.05, 127), (0.05, -128)),
    ((0.3, -40), (0.0031, -17)),
    ((2.0, 0), (1.0, 0)),
    ((0.25, 0), (0.25, 0)),
    ((0.5, 127), (0.004, 127)),
)
"""Scales and zero points of input and output: small to large, equal, powers of two, at both ends."""


def add(net: Net, opcode: str, source: tuple[float, int], output: tuple[float, int]) -> None:
    if opcode in NON_NEGATIVE:
        source = (source[0], -128)
    if opcode == "NEG":
        source, output = (source[0], 0), (source[0], 0)
    options: dict[str, float | bool] = {}
    if opcode == "LEAKY_RELU":
        options["alpha"] = float(np.float32(net.random.choice([0.1, 0.2, 0.0, 1.7, -0.3])))
    if opcode == "GELU":
        options["approximate"] = bool(net.random.integers(2))
    net.op(opcode, [net.input(ALL, source)], ALL, output, output=True, **options)


def tables(seed: int, opcodes: tuple[str, ...], cases: int) -> Net:
    net = Net(seed)
    for opcode in opcodes:
        for source, output in (*EXTREMES, *((net.quant(), net.quant()) for _ in range(cases))):
            add(net, opcode, source, output)
    return net


@pytest.mark.sample(4)
@pytest.mark.parametrize("opcode", TABLES)
def test_all_results_are_the_oracles(opcode: str, tmp_path: Path) -> None:
    files = holds_here(tables(1, (opcode,), 25), tmp_path)
    assert {name for name in files if "kernels/" in name and name.endswith(".c")} <= {
        "src/kernels/edgeq_lookup_s8.c"
    }


@pytest.mark.parametrize("opcode", BY_TFLM)
def test_all_results_are_tflms(opcode: str, tmp_path: Path) -> None:
    holds_here(tables(2, (opcode,), 25), tmp_path, oracle="tflm")


def test_on_a_core(tmp_path: Path) -> None:
    holds_on("sim-m0", tables(3, TABLES, 1), tmp_path)


def refused(opcode: str, source: tuple[float, int], output: tuple[float, int], *words: str) -> None:
    net = Net(4)
    net.op(opcode, [net.input(ALL, source)], ALL, output, output=True)
    (finding,) = examine(net.graph())
    assert (finding.rule, finding.severity, finding.opcode) == ("operator-form", "error", opcode)
    assert all(word in finding.message for word in words)
    assert finding.hint


@pytest.mark.parametrize("opcode", NON_NEGATIVE)
def test_numbers_below_zero_are_refused(opcode: str) -> None:
    refused(opcode, (0.1, -127), (0.1, 0), "zero point -127", "below 0")


def test_what_the_reference_negates_wrong_is_refused() -> None:
    refused("NEG", (0.1, 5), (0.1, 5), "whatever their zero point", "5")


def test_a_hard_swish_that_tensorflow_lite_refuses_is_refused() -> None:
    refused("HARD_SWISH", (0.6, 0), (0.004, 0), "150 times", "128")
