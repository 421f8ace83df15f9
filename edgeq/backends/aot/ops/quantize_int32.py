"""QUANTIZE between int32 and narrower integers, either with a zero point."""

from __future__ import annotations

from functools import partial

from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Support
from edgeq.graph.model import DType, Graph, Operator, QuantParams

_KERNELS = {
    (DType.INT16, DType.INT32): "edgeq_requantize_s16_s32",
    (DType.INT32, DType.INT8): "edgeq_requantize_s32_s8",
    (DType.INT32, DType.INT16): "edgeq_requantize_s32_s16",
}


def _quants(graph: Graph, op: Operator) -> list[QuantParams]:
    """What its input and its output have of one scale."""
    found = [graph[tensor].quant for tensor in (op.inputs[0], op.outputs[0])]
    return [quant for quant in found if quant is not None and not quant.is_per_channel]


def _refusal(graph: Graph, op: Operator) -> str | None:
    """Numbers of 32 bits may lack a scale, and then there is nothing to go by."""
    return None if len(_quants(graph, op)) == 2 else "its input or its output is not quantized with one scale"


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]], graph[op.outputs[0]]
    of_input, of_output = _quants(graph, op)
    multiplier, shift = quantize_multiplier(of_input.scale / of_output.scale)
    kernel = _KERNELS[source.dtype, output.dtype]
    step = Step(
        operator=index,
        title=f"QUANTIZE {shape_text(output.shape)} from {source.dtype.value.lower()} to "
        f"{output.dtype.value.lower()}",
        kernel=kernel,
        params_type="edgeq_requantize_params",
        params={
            "count": output.elements,
            "input_zero_point": of_input.zero_point,
            "multiplier": multiplier,
            "shift": shift,
            "output_zero_point": of_output.zero_point,
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        typed=True,
    )
    return (step,)


_support = partial(Support, 6, ranks=(0, 8), refusal=_refusal, askew=True)
_TEXT = "a multiplier and both zero points"
OPERATORS = (
    Op("QUANTIZE", _support(types=frozenset({DType.INT16}), outputs=frozenset({DType.INT32})), _lower, _TEXT),
    Op(
        "QUANTIZE",
        _support(types=frozenset({DType.INT32}), outputs=frozenset({DType.INT8, DType.INT16})),
        _lower,
        _TEXT,
    ),
)
