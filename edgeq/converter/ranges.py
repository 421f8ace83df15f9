"""The range of every activation, by a calibrator and by what the operators around it allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from edgeq.converter.calibrate import Range
from edgeq.converter.calibrators.crossed import AT_OUTPUT, crossed
from edgeq.converter.calibrators.named import Calibrator
from edgeq.converter.ops import RULES, Rule
from edgeq.converter.pooling import WIDEST, is_mean_of_image
from edgeq.converter.statistics import Spread
from edgeq.graph import Graph, Operator

_INFINITE = float("inf")
_BOUNDS: Mapping[str, Range] = {
    "RELU": (0.0, _INFINITE),
    "RELU6": (0.0, 6.0),
    "RELU_N1_TO_1": (-1.0, 1.0),
    "RELU_0_TO_1": (0.0, 1.0),
    "HARD_SWISH": (-0.375, _INFINITE),
}
"""What an operator, or a fused activation, never leaves."""


def choose_ranges(graph: Graph, spreads: Mapping[int, Spread], calibrator: Calibrator) -> dict[int, Range]:
    """A range for each activation.

    The automatic mode's own calibrator never narrows the range of an input, so that pixels which reach both
    ends keep their steps. No range goes beyond what an activation function can give. Tensors whose scales are
    one get one range.

    Args:
        graph: the float graph.
        spreads: the values of each activation.
        calibrator: from values to a range.
    """
    found = {index: _of(graph, index, spread, calibrator) for index, spread in spreads.items()}
    for op in graph.operators:
        rule = RULES.get(op.opcode)
        for output in op.outputs:
            if rule is None or output not in found:
                continue  # whole numbers or truth values
            low, high = found[output]
            if calibrator is crossed and is_mean_of_image(graph, op):
                low, high = _pooled(spreads[output].range, (low, high), found[op.inputs[0]])
            least, most = bounds(op)
            found[output] = (max(low, least), min(high, most))
            if rule.tie == "input":
                found[output] = found.get(op.inputs[rule.first], found[output])
    _join(graph, found)
    return found


def _of(graph: Graph, index: int, spread: Spread, calibrator: Calibrator) -> Range:
    if calibrator is crossed:
        if index in graph.inputs:
            return crossed(spread, narrow=False)
        return crossed(spread, AT_OUTPUT) if _is_logits(graph, index) else crossed(spread)
    return calibrator(spread)


def _is_logits(graph: Graph, index: int) -> bool:
    """Whether a tensor is an output, or the last before a SOFTMAX or LOGISTIC that is one."""
    if index in graph.outputs:
        return True
    readers = [op for op in graph.operators if index in op.inputs]
    return len(readers) == 1 and (
        RULES.get(readers[0].opcode, Rule()).fixed is not None and readers[0].outputs[0] in graph.outputs
    )


def _pooled(seen: Range, chosen: Range, before: Range) -> Range:
    """The range of a mean: widened as its few values ask, never beyond the range before pooling."""
    low, high = min(seen[0] * WIDEST, chosen[0], 0.0), max(seen[1] * WIDEST, chosen[1], 0.0)
    return max(low, before[0]), min(high, before[1])


def bounds(op: Operator) -> Range:
    """What an operator's outputs never leave, by what it computes and by its fused activation."""
    fused = str(op.options.get("fused_activation_function", "NONE"))
    return _BOUNDS.get(op.opcode, _BOUNDS.get(fused, (-_INFINITE, _INFINITE)))


def _join(graph: Graph, found: dict[int, Range]) -> None:
    """Have operators give at once the scale that the only reader of their output wants of all its inputs."""
    readers = Counter(index for op in graph.operators for index in op.inputs)
    free = {i for op in graph.operators if _is_free(op) for i in op.outputs} - set(graph.outputs)
    for op in reversed(graph.operators):
        rule = RULES.get(op.opcode, Rule())
        if rule.tie == "output" and op.outputs[0] in found:
            for index in (op.inputs[slot] for slot in rule.slots(len(op.inputs))):
                if index in free and readers[index] == 1:
                    found[index] = found[op.outputs[0]]


def _is_free(op: Operator) -> bool:
    rule = RULES.get(op.opcode, Rule())
    return rule.tie == "free" and rule.fixed is None and not rule.exact
