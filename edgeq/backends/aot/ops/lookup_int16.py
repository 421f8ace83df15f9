"""EXP, LOG and GELU of int16 by tables of 513 entries; LOGISTIC and TANH by one of their own."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.exponential import exp, gelu
from edgeq.backends.aot.ops.fixed_point import near_power_of_two, round_half_away
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16
from edgeq.backends.aot.ops.tensors import affine, scale_of, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import FixedScale, Support
from edgeq.graph.model import Graph, Operator

Reals = npt.NDArray[Any]
"""Of float32, or where the reference has it of float64."""
Function = Callable[[Reals], Reals]

_STEPS = 512
_LEAST, _MOST = -32768, 32767
_LARGEST_EXPONENT = 88.0
"""Whose exponential float32 holds."""
_UNIT = 3 * 4096
"""The inputs of the table of sigmoids are multiples of one part of it."""
_LARGEST_INPUT_SCALE = 5.0
"""Up to which inputs times 3 * 4096 fit 32 bits."""


def interpolation_table(
    function: Function, low: np.floating[Any], high: np.floating[Any], span: np.floating[Any]
) -> npt.NDArray[np.int16]:
    """The reference's table: entries are moved by half of what straight lines would miss at their middles.

    Computed in the type of the arguments.

    Args:
        low, high: the input's reals at its smallest and largest integer.
        span: the output's largest real less its smallest one.
    """
    real = low.dtype.type
    step, inverse = (high - low) / real(_STEPS), real(65536) / span
    ends = low + np.arange(_STEPS + 1).astype(real) * step
    sample = round_half_away(function(ends[:-1]) * inverse)
    between = round_half_away((function(ends[1:]) * inverse + sample) / real(2))
    middle = round_half_away(function(ends[:-1] + step / real(2)) * inverse)
    entries = sample - round_half_away((between - middle) / real(2))
    last = round_half_away(function(np.array([high])) * inverse)
    table: npt.NDArray[np.int16] = np.clip(np.concatenate([entries, last]), _LEAST, _MOST).astype(np.int16)
    return table


def _reals(graph: Graph, index: int) -> tuple[np.float32, np.float32]:
    op = graph.operators[index]
    source, output = (np.float32(affine(graph, t, index)[0]) for t in (op.inputs[0], op.outputs[0]))
    return source, output


def _lower(
    function_of: Callable[[Graph, int], Function], graph: Graph, index: int, _target: Target
) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, output = _reals(graph, index)
    low, high = source * np.float32(_LEAST), source * np.float32(_MOST)
    span = output * np.float32(_MOST) - output * np.float32(_LEAST)
    table = interpolation_table(function_of(graph, index), low, high, span)
    count = graph[op.outputs[0]].elements
    step = Step(
        operator=index,
        title=f"{op.opcode} {shape_text(graph[op.outputs[0]].shape)} of int16 by table",
        kernel="edgeq_lookup_s16",
        params_type="edgeq_lookup_s16_params",
        params={"table": "table", "count": count},
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_lookup_s16.c",),
        constants=(Constant("table", "int16_t", table, "output at every 128th input", is_weights=False),),
        inplace=(0,),
        typed=True,
    )
    return (step,)


def _exp(_graph: Graph, _index: int) -> Function:
    return exp


def _log(graph: Graph, index: int) -> Function:
    """Of what is not positive the output's smallest real."""
    smallest = np.float32(_LEAST) * _reals(graph, index)[1]

    def log(x: Reals) -> Reals:
        positive = np.where(x > 0, x, np.float32(1)).astype(np.float64)
        result: Reals = np.where(x > 0, np.log(positive).astype(np.float32), smallest)
        return result

    return log


def _exp_refusal(graph: Graph, op: Operator) -> str | None:
    """The table is computed in float32, in steps of the output."""
    largest = scale_of(graph[op.inputs[0]]) * -_LEAST
    if max(largest, largest - math.log(scale_of(graph[op.outputs[0]]))) >= _LARGEST_EXPONENT:
        return f"its input reaches {largest:.4g}, whose exponential in steps of its output no float32 holds"
    return None


def _sigmoid(
    kernel: str, shifts: tuple[int, ...], graph: Graph, index: int, _target: Target
) -> tuple[Step, ...]:
    op = graph.operators[index]
    multiplier, shift = _to_unit(affine(graph, op.inputs[0], index)[0], shifts)
    step = Step(
        operator=index,
        title=f"{op.opcode} {shape_text(graph[op.outputs[0]].shape)} of int16 by table",
        kernel=kernel,
        params_type="edgeq_sigmoid_params",
        params={
            "table": "table",
            "count": graph[op.outputs[0]].elements,
            "multiplier": multiplier,
            "shift": shift,
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        constants=(
            Constant(
                "table",
                "uint16_t",
                sigmoids(),
                "65536 / (1 + exp(-i / 24)), interpolated in between",
                is_weights=False,
            ),
        ),
        inplace=(0,),
        typed=True,
    )
    return (step,)


def sigmoids() -> npt.NDArray[np.uint16]:
    """The logistic function of 0, 1/24, … in 16 bits, raised by half of what straight lines miss between."""
    at = np.arange(513) / 48
    real = 65536 / (1 + np.exp(-at))
    missed = real[1::2] - (real[:-2:2] + real[2::2]) / 2
    table: npt.NDArray[np.uint16] = np.floor(real[:-2:2] + missed / 2 + 0.5).astype(np.uint16)
    table[-1] = 65535  # as everything beyond
    return table


def _to_unit(scale: float, shifts: tuple[int, ...]) -> tuple[int, int]:
    """Multiplier and right shift from the input's integers to counts of 1 / (3 * 4096).

    Args:
        shifts: of powers of two, for which the multiplier is exact.
    """
    power = near_power_of_two(scale)
    if power is not None and power + 12 in shifts:
        return 3 << (power + 12), 0
    multiplier, shift = scale * _UNIT, 0
    while multiplier <= _MOST / 2 and shift <= 30:
        shift += 1
        multiplier *= 2
    return int(multiplier), shift


def _sigmoid_refusal(graph: Graph, op: Operator) -> str | None:
    if scale_of(graph[op.inputs[0]]) > _LARGEST_INPUT_SCALE:
        return (
            f"its input's scale is above {_LARGEST_INPUT_SCALE:g}, which overflows TensorFlow Lite's integers"
        )
    return None


def _by_sigmoids(name: str, kernel: str, shifts: tuple[int, ...], tolerance: float) -> Op:
    support = Support(
        3,
        ranks=(0, 8),
        output_scale=FixedScale(1 / 32768, 0, tolerance=tolerance),
        refusal=_sigmoid_refusal,
        types=INT16,
    )
    return Op(
        name, support, partial(_sigmoid, kernel, shifts), "int16 by a table of 256 sigmoids, interpolated"
    )


def _by_table(
    name: str,
    version: int,
    function_of: Callable[[Graph, int], Function],
    refusal: Callable[[Graph, Operator], str | None] | None = None,
) -> Op:
    support = Support(version, ranks=(0, 8), refusal=refusal, types=INT16)
    return Op(name, support, partial(_lower, function_of), "int16 by a table of 513, interpolated")


OPERATORS = (
    _by_table("EXP", 2, _exp, _exp_refusal),
    _by_table("LOG", 2, _log),
    _by_table("GELU", 2, gelu),
    _by_sigmoids("LOGISTIC", "edgeq_logistic_s16", (0,), 0.0),
    _by_sigmoids("TANH", "edgeq_tanh_s16", (0, 1), 0.0005),
)
