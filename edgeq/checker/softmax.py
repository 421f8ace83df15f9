"""SOFTMAX over very many classes: what the kernels of LiteRT and TFLM, and so every oracle, abort on."""

from __future__ import annotations

from edgeq.checker.view import View
from edgeq.graph.model import DType
from edgeq.interpreter import LARGEST_SUM


def check_softmax(view: View) -> None:
    """Tell where scores that are nearly alike end an inference, or leave nobody to judge it."""
    for index, op in enumerate(view.graph.operators):
        if op.opcode != "SOFTMAX" or index in view.settled or not op.inputs:
            continue
        shape = view.graph[op.inputs[0]].shape
        wide = view.graph[op.inputs[0]].dtype is DType.INT16  # whose sum has more bits
        if wide or not shape or shape[-1] < LARGEST_SUM:
            continue
        ends = view.runtime == "tflm"
        view.report(
            "softmax-sum",
            f"it is over {shape[-1]} classes, and TensorFlow Lite's kernels abort where the exponentials sum "
            f"to {LARGEST_SUM} or more, as equal scores do"
            + (": the firmware stops there" if ends else "; edgeq's go on, but nothing can judge them then"),
            "Judge with real samples, whose scores differ; or leave SOFTMAX out of the model: the largest "
            "score stays the largest.",
            operator=index,
            severity="warning" if ends else "info",
        )
