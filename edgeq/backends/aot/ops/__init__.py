"""Operators to steps: the registry, and which operators move no byte at all."""

from __future__ import annotations

from collections.abc import Callable

from edgeq.backends.aot.ops import (
    binary,
    conv,
    depthwise,
    fully_connected,
    layout,
    lookup,
    mean,
    pool,
    softmax,
)
from edgeq.backends.aot.step import Step
from edgeq.base.errors import ModelError
from edgeq.base.hints import document
from edgeq.graph.model import Graph

Lowering = Callable[[Graph, int], tuple[Step, ...]]


LOWERINGS: dict[str, Lowering] = {
    "ADD": binary.lower_add,
    "AVERAGE_POOL_2D": pool.lower,
    "CONCATENATION": layout.lower_concatenation,
    "CONV_2D": conv.lower,
    "DEPTHWISE_CONV_2D": depthwise.lower,
    "EXPAND_DIMS": layout.lower_alias,
    "FULLY_CONNECTED": fully_connected.lower,
    "LOGISTIC": lookup.lower,
    "MAX_POOL_2D": pool.lower,
    "MEAN": mean.lower,
    "MUL": binary.lower_mul,
    "PAD": layout.lower_pad,
    "PADV2": layout.lower_pad,
    "QUANTIZE": lookup.lower,
    "RELU": lookup.lower,
    "RELU6": lookup.lower,
    "RELU_N1_TO_1": lookup.lower,
    "RESHAPE": layout.lower_alias,
    "SOFTMAX": softmax.lower,
    "SQUEEZE": layout.lower_alias,
    "TANH": lookup.lower,
}
"""The operators of this backend, and how each becomes steps."""

_SAME_BYTES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
_TABLES = ("LOGISTIC", "QUANTIZE", "RELU", "RELU6", "RELU_N1_TO_1", "TANH")


def lower(graph: Graph) -> tuple[Step, ...]:
    """The whole graph as steps in execution order.

    Raises:
        ModelError: for an operator that this backend does not have, or a form of it that it cannot take.
    """
    _check_outputs(graph)
    steps: list[Step] = []
    for index, op in enumerate(graph.operators):
        if op.opcode not in LOWERINGS:
            raise ModelError(
                f"{graph.describe(index)} is not an operator of the aot runtime",
                f"see {document('aot')} for the operators it has",
            )
        if not graph[op.outputs[0]].is_constant:
            steps += LOWERINGS[op.opcode](graph, index)
        elif op.outputs[0] in graph.outputs:
            steps.append(layout.constant_output(graph, index))
    return tuple(steps)


def _check_outputs(graph: Graph) -> None:
    made = {tensor for op in graph.operators for tensor in op.outputs} | set(graph.inputs)
    for position, tensor in enumerate(graph.outputs):
        if tensor not in made:
            raise ModelError(
                f"output {position} of the model is made by no operator", "remove it when exporting the model"
            )


def aliases(graph: Graph) -> dict[int, int]:
    """Tensors that are other tensors' bytes: the output of an operator that moves none, by its input."""
    return {
        op.outputs[0]: op.inputs[0]
        for index, op in enumerate(graph.operators)
        if not graph[op.outputs[0]].is_constant
        and (op.opcode in _SAME_BYTES or (op.opcode in _TABLES and lookup.is_identity(graph, index)))
    }
