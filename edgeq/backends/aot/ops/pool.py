"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from __future__ import annotations

from edgeq.backends.aot.families import DSP, PLAIN, finest
from edgeq.backends.aot.ops.tensors import activation, activation_limits, int_option, shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.graph.model import Graph

_STEMS = {"AVERAGE_POOL_2D": "average_pool", "MAX_POOL_2D": "max_pool"}


def lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """One step; tensors are NHWC."""
    op = graph.operators[index]
    source, output = graph[op.inputs[0]], graph[op.outputs[0]]
    if len(source.shape) != 4:
        raise ModelError(
            f"{graph.describe(index)}: its input is not of rank 4 (NHWC)", "reshape it before pooling"
        )
    _, in_h, in_w, channels = source.shape
    batches, out_h, out_w, _ = output.shape
    window_h, window_w = (int_option(graph, index, f"filter_{side}") for side in ("height", "width"))
    stride_h, stride_w = (int_option(graph, index, f"stride_{side}") for side in "hw")
    same = op.options["padding"] == "SAME"
    low, high = activation_limits(output, activation(graph, index))
    kernel = f"edgeq_{_STEMS[op.opcode]}_{finest(target, PLAIN, DSP).name}_s8"
    step = Step(
        operator=index,
        title=f"{op.opcode} {window_h}x{window_w}/{stride_h},{stride_w} "
        f"{shape_text(source.shape)} -> {shape_text(output.shape)}",
        kernel=kernel,
        params_type="edgeq_pool_params",
        params={
            "batches": batches,
            "input_h": in_h,
            "input_w": in_w,
            "channels": channels,
            "output_h": out_h,
            "output_w": out_w,
            "window_h": window_h,
            "window_w": window_w,
            "stride_h": stride_h,
            "stride_w": stride_w,
            "pad_h": _before(in_h, out_h, window_h, stride_h) if same else 0,
            "pad_w": _before(in_w, out_w, window_w, stride_w) if same else 0,
            "low": low,
            "high": high,
        },
        inputs=op.inputs,
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
    )
    return (step,)


def _before(size: int, output: int, window: int, stride: int) -> int:
    """The padding before the first element with padding SAME."""
    return max((output - 1) * stride + window - size, 0) // 2
