"""RELU, RELU6, LEAKY_RELU, ABS and QUANTIZE of int16: a multiplier for each sign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16
from edgeq.backends.aot.ops.tensors import affine, limits, real_limits, shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Support
from edgeq.graph.model import DType, Graph


@dataclass(frozen=True)
class _Scaling:
    """What is not below 0, and what is: there the factor turns the input, and the sign the result."""

    multiplier: int
    shift: int
    below_multiplier: int
    below_shift: int
    below_factor: int
    below_sign: int
    low: int
    high: int

    @classmethod
    def linear(cls, ratio: float, bounds: tuple[int, int], *, factor: int = 1) -> _Scaling:
        """One ratio of scales for both."""
        found = quantize_multiplier(ratio)
        return cls(*found, *found, factor, 1, *bounds)


Scaling = Callable[[Graph, int], _Scaling]


def _lower(scaling: Scaling, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]], graph[op.outputs[0]]
    narrow = output.dtype is DType.INT8
    kernel = "edgeq_narrow_s16" if narrow else "edgeq_rescale_s16"
    step = Step(
        operator=index,
        title=f"{op.opcode} {shape_text(source.shape)} from int16 to {output.dtype.value.lower()}",
        kernel=kernel,
        params_type="edgeq_rescale_params",
        params={
            "count": output.elements,
            "output_zero_point": affine(graph, op.outputs[0], index)[1],
            **asdict(scaling(graph, index)),
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        inplace=(0,),
        typed=True,
    )
    return (step,)


def _ratio(graph: Graph, index: int) -> float:
    """As most operators divide: in float32."""
    op = graph.operators[index]
    source, output = (np.float32(affine(graph, t, index)[0]) for t in (op.inputs[0], op.outputs[0]))
    return float(source / output)


def _rectified(largest: float | None, graph: Graph, index: int) -> _Scaling:
    output = graph[graph.operators[index].outputs[0]]
    return _Scaling.linear(_ratio(graph, index), real_limits(output, 0.0, largest))


def _leaky(graph: Graph, index: int) -> _Scaling:
    op = graph.operators[index]
    slope = op.options.get("alpha", 0.0)
    alpha = np.float32(slope if isinstance(slope, int | float) else 0.0)
    source, output = (np.float32(affine(graph, t, index)[0]) for t in (op.inputs[0], op.outputs[0]))
    flat = float(source * alpha / output)
    above, below = quantize_multiplier(_ratio(graph, index)), quantize_multiplier(abs(flat))
    return _Scaling(*above, *below, 1, -1 if flat < 0 else 1, *limits(graph[op.outputs[0]]))


def _magnitude(graph: Graph, index: int) -> _Scaling:
    output = graph[graph.operators[index].outputs[0]]
    return _Scaling.linear(_ratio(graph, index), limits(output), factor=-1)


def _requantized(graph: Graph, index: int) -> _Scaling:
    op = graph.operators[index]
    ratio = affine(graph, op.inputs[0], index)[0] / affine(graph, op.outputs[0], index)[0]
    return _Scaling.linear(ratio, limits(graph[op.outputs[0]]))


def _operator(name: str, version: int, scaling: Scaling, outputs: frozenset[DType] | None = None) -> Op:
    support = Support(version, ranks=(0, 8), types=INT16, outputs=outputs)
    return Op(name, support, partial(_lower, scaling), "int16, a multiplier for each sign")


OPERATORS = (
    _operator("RELU", 3, partial(_rectified, None)),
    _operator("RELU6", 3, partial(_rectified, 6.0)),
    _operator("LEAKY_RELU", 2, _leaky),
    _operator("ABS", 3, _magnitude),
    _operator("QUANTIZE", 6, _requantized, frozenset({DType.INT8, DType.INT16})),
)
