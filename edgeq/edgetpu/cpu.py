"""What the operators that stay on the CPU cost there: multiply-accumulates, and values read and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgeq.edgetpu.view import OperatorView, size
from edgeq.graph.macs import operator_macs

UNKNOWN = frozenset({"CUSTOM", "IF", "WHILE", "CALL", "CALL_ONCE"})
"""Operators of which the work cannot be told from their tensors."""

CUSTOM = {"PosenetDecoderOp": 1, "TFLite_Detection_PostProcess": 3}
"""The vendor's custom operators, and how many times what others take for a value they take for one.

By its benchmarks: PoseNet is as fast as its Edge TPU part; SSD MobileNet v1 and v2 are slower by 4.5 and
6.8 ms on a Dev Board than on a desktop, for 180,000 values.
"""


@dataclass(frozen=True)
class Work:
    """The work of operators on a CPU.

    Attributes:
        macs: multiply-accumulates of convolutions and matrix products.
        values: elements that the operators read and write, constants left out.
    """

    macs: int
    values: int


def cpu_work(operators: Sequence[OperatorView]) -> Work | None:
    """The work of the operators that are not mapped; None where it cannot be told."""
    if any(op.opcode in UNKNOWN and op.operator.custom_code not in CUSTOM for op in operators):
        return None
    return Work(
        sum(operator_macs(op.graph, op.operator) for op in operators),
        sum(
            CUSTOM.get(op.operator.custom_code, 1) * size(tensor)
            for op in operators
            for tensor in (*op.activations, *op.outputs)
        ),
    )
