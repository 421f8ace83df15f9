"""ADD and MUL of two int8 operands, of the same shape or broadcast, one of which may be constant."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops import add_affine, requantize
from edgeq.backends.aot.ops.broadcast import MAX_LOOPS, Broadcast, broadcast
from edgeq.backends.aot.ops.fixed_point import Ints, clamp, doubling_high_mul, multiply, quantize_multiplier
from edgeq.backends.aot.ops.fixed_point import rounding_shift_right as shift_right
from edgeq.backends.aot.ops.lookup import lookup_step
from edgeq.backends.aot.ops.tensors import activation, activation_limits, affine, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.graph.model import Graph

Params = dict[str, int | str | None]
_ADD_LEFT_SHIFT = 20


def lower_add(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """ADD: a table where one operand decides all; one affine form where exact; else as the reference."""
    first, second = _operands(graph, index)
    exact = add_params(graph, index, first, second)
    function = _add_twin(exact)
    table = _as_table(graph, index, first, second, function)
    if table is not None:
        return (table,)
    low, high = int(exact["low"] or 0), int(exact["high"] or 0)
    every = np.arange(-128, 128, dtype=np.int64)
    slopes = _slopes(graph, index, first, second)
    found = add_affine.search(function(every[:, None], every[None, :]), slopes, low, high)
    if found is None:
        return (_step(graph, index, (first, second), "edgeq_add_rounded_s8", exact),)
    params: Params = {
        "a_multiplier": found.a,
        "b_multiplier": found.b,
        "offset": found.offset,
        "shift": found.shift,
        "low": low,
        "high": high,
    }
    return (_step(graph, index, (first, second), "edgeq_add_s8", params),)


def lower_mul(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """MUL: a table where one operand decides all; one affine step where exact; else as the reference."""
    first, second = _operands(graph, index)
    exact = mul_params(graph, index, first, second)
    table = _as_table(graph, index, first, second, _mul_twin(exact))
    if table is not None:
        return (table,)
    params = _affine_mul(graph, index, (first, second), exact)
    if params is None:
        return (_step(graph, index, (first, second), "edgeq_mul_rounded_s8", exact),)
    return (_step(graph, index, (first, second), "edgeq_mul_s8", params),)


def add_params(graph: Graph, index: int, first: int, second: int) -> Params:
    """ADD as the reference computes it: both operands rescaled to a common scale, summed, rescaled."""
    op = graph.operators[index]
    a_scale, a_zero = affine(graph, first, index)
    b_scale, b_zero = affine(graph, second, index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    common = 2.0 * max(a_scale, b_scale)
    a_multiplier, a_shift = quantize_multiplier(a_scale / common)
    b_multiplier, b_shift = quantize_multiplier(b_scale / common)
    out_multiplier, out_shift = quantize_multiplier(common / ((1 << _ADD_LEFT_SHIFT) * out_scale))
    if out_shift > 0:
        raise ModelError(
            f"{graph.describe(index)}: its output scale is too small for its input scales",
            "calibrate the model on data that resembles its use",
        )
    low, high = activation_limits(graph[op.outputs[0]], activation(graph, index))
    return {
        "a_offset": -a_zero,
        "b_offset": -b_zero,
        "a_multiplier": a_multiplier,
        "a_shift": -a_shift,
        "b_multiplier": b_multiplier,
        "b_shift": -b_shift,
        "output_multiplier": out_multiplier,
        "output_shift": -out_shift,
        "output_zero_point": out_zero,
        "low": low,
        "high": high,
    }


def mul_params(graph: Graph, index: int, first: int, second: int) -> Params:
    """MUL as the reference computes it: the product of the offset operands, rescaled."""
    op = graph.operators[index]
    multiplier, shift = quantize_multiplier(_mul_ratio(graph, index, first, second))
    low, high = activation_limits(graph[op.outputs[0]], activation(graph, index))
    return {
        "a_offset": -affine(graph, first, index)[1],
        "b_offset": -affine(graph, second, index)[1],
        "multiplier": multiplier,
        "shift": shift,
        "output_zero_point": affine(graph, op.outputs[0], index)[1],
        "low": low,
        "high": high,
    }


def _mul_ratio(graph: Graph, index: int, first: int, second: int) -> float:
    """The scale of a product over the output's, in the reference's float32."""
    scales = (affine(graph, t, index)[0] for t in (first, second, graph.operators[index].outputs[0]))
    a, b, output = (np.float32(scale) for scale in scales)
    return float(a * b / output)


def _affine_mul(graph: Graph, index: int, operands: tuple[int, int], exact: Params) -> Params | None:
    """The parameters of one affine step for every product that can occur; None where there are none."""
    a, b = (np.array([-128, 127]) + int(exact[f"{name}_offset"] or 0) for name in "ab")
    products = np.multiply.outer(a, b)
    demand = requantize.Demand(
        low=np.array([min(products.min(), 0)]),
        high=np.array([max(products.max(), 0)]),
        reals=np.array([_mul_ratio(graph, index, *operands)]),
        rounding="double",
        zero_point=int(exact["output_zero_point"] or 0),
        limits=(int(exact["low"] or 0), int(exact["high"] or 0)),
    )
    try:
        found = requantize.plan(demand)
    except ModelError:  # a ratio beyond the search: the reference's own steps take any
        return None
    if found.form == "exact":
        return None
    row = found.table[0].tolist()
    fields = dict(zip(("multiplier", "addend", "shift", "correction"), row, strict=True))
    low, high = found.limits
    return {"a_offset": exact["a_offset"], "b_offset": exact["b_offset"], **fields, "low": low, "high": high}


def _slopes(graph: Graph, index: int, first: int, second: int) -> tuple[float, float]:
    output = affine(graph, graph.operators[index].outputs[0], index)[0]
    return affine(graph, first, index)[0] / output, affine(graph, second, index)[0] / output


def _add_twin(p: Params) -> Callable[[Ints, Ints], Ints]:
    v = {name: int(value or 0) for name, value in p.items()}

    def rescaled(x: Ints, name: str) -> Ints:
        wide = (x + v[f"{name}_offset"]) << _ADD_LEFT_SHIFT
        return shift_right(doubling_high_mul(wide, v[f"{name}_multiplier"]), v[f"{name}_shift"])

    def twin(a: Ints, b: Ints) -> Ints:
        total = rescaled(a, "a") + rescaled(b, "b")
        output = shift_right(doubling_high_mul(total, v["output_multiplier"]), v["output_shift"])
        return clamp(output + v["output_zero_point"], v["low"], v["high"])

    return twin


def _mul_twin(p: Params) -> Callable[[Ints, Ints], Ints]:
    v = {name: int(value or 0) for name, value in p.items()}

    def twin(a: Ints, b: Ints) -> Ints:
        product = (a + v["a_offset"]) * (b + v["b_offset"])
        output = multiply(product, v["multiplier"], v["shift"]) + v["output_zero_point"]
        return clamp(output, v["low"], v["high"])

    return twin


def _operands(graph: Graph, index: int) -> tuple[int, int]:
    """The operands; a constant one comes second (both operators commute)."""
    first, second = graph.operators[index].inputs
    return (second, first) if graph[first].is_constant else (first, second)


def _as_table(
    graph: Graph, index: int, first: int, second: int, function: Callable[[Ints, Ints], Ints]
) -> Step | None:
    """A table, where the result depends on one byte only: a scalar constant, or a tensor with itself."""
    values = np.arange(256, dtype=np.int64).astype(np.uint8).view(np.int8).astype(np.int64)
    other: npt.NDArray[np.int64] | None = None
    constant = graph[second].data
    if first == second:
        other = values
    elif constant is not None and np.unique(constant).size == 1:
        other = np.full(256, int(np.asarray(constant).reshape(-1)[0]), np.int64)
    if other is None or graph[first].elements != graph[graph.operators[index].outputs[0]].elements:
        return None
    return lookup_step(graph, index, function(values, other), first)


def _step(graph: Graph, index: int, operands: tuple[int, int], kernel: str, params: Params) -> Step:
    first, second = operands
    op = graph.operators[index]
    a, b, output = graph[first], graph[second], graph[op.outputs[0]]
    shape = broadcast(a.shape, b.shape, output.shape)
    if len(shape.loops) > MAX_LOOPS:
        raise ModelError(f"{graph.describe(index)}: it broadcasts over too many axes", "join axes by RESHAPE")
    constants: tuple[Constant, ...] = ()
    params |= {
        "run": shape.run,
        "a_step": shape.a_step,
        "b_step": shape.b_step,
        "loop_count": len(shape.loops),
    }
    params |= {"loops": "loops" if shape.loops else None, "constant": None}
    if shape.loops:
        loops = Constant(
            "loops", "int32_t", shape.table(), "count, stride of a, stride of b", is_weights=False
        )
        constants += (loops,)
    inputs: tuple[int, ...] = (first, second)
    if b.data is not None:
        params["constant"] = "operand"
        inputs = (first,)
        constants += (Constant("operand", "int8_t", np.asarray(b.data).reshape(-1).view(np.int8)),)
    return Step(
        operator=index,
        title=_title(op.opcode, a.shape, b.shape, shape, b.is_constant),
        kernel=kernel.replace("_s8", "_constant_s8") if b.is_constant else kernel,
        params_type=kernel.replace("_s8", "_params"),
        params=params,
        inputs=inputs,
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        constants=constants,
        inplace=tuple(i for i, source in enumerate(inputs) if graph[source].elements == output.elements),
    )


def _title(opcode: str, a: tuple[int, ...], b: tuple[int, ...], shape: Broadcast, constant: bool) -> str:
    if not shape.loops and shape.a_step and shape.b_step:
        return f"{opcode} {shape_text(a)}" + (" with a constant" if constant else "")
    return f"{opcode} {shape_text(a)} by {'constant ' if constant else ''}{shape_text(b)}"
