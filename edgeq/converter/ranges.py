"""The range of every activation, by a calibrator and by what the operators around it allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

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
TRANSPARENT = frozenset(
    {
        "BATCH_TO_SPACE_ND", "BROADCAST_TO", "DEPTH_TO_SPACE", "EXPAND_DIMS", "GATHER", "GATHER_ND",
        "MAX_POOL_2D", "REDUCE_MAX", "REDUCE_MIN", "RELU", "RELU6", "RELU_0_TO_1", "RELU_N1_TO_1", "RESHAPE",
        "REVERSE_V2", "SLICE", "SPACE_TO_BATCH_ND", "SPACE_TO_DEPTH", "SPLIT", "SPLIT_V", "SQUEEZE",
        "STRIDED_SLICE", "TILE", "TRANSPOSE", "UNPACK",
    }
)  # fmt: skip
"""Operators that move, choose or cut off values, and compute no new ones."""


def choose_ranges(graph: Graph, spreads: Mapping[int, Spread], calibrator: Calibrator) -> dict[int, Range]:
    """A range for each activation.

    The automatic mode's own calibrator never narrows the range of an input, so that pixels which reach both
    ends keep their steps. No range goes beyond what an activation function can give, or beyond the ranges of
    the tensors that an operator joins. Tensors whose scales are one get one range.

    Args:
        graph: the float graph.
        spreads: the values of each activation.
        calibrator: from values to a range.
    """
    ends = _logits(graph)
    found = {index: _of(graph, index, spread, calibrator, ends) for index, spread in spreads.items()}
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
            if rule.tie == "output":
                found[output] = _joined(op, rule, found[output], found)
    _join(graph, found)
    return found


def _of(graph: Graph, index: int, spread: Spread, calibrator: Calibrator, ends: Collection[int]) -> Range:
    if calibrator is crossed:
        if index in graph.inputs:
            return crossed(spread, narrow=False)
        return crossed(spread, AT_OUTPUT) if index in ends else crossed(spread)
    return calibrator(spread)


def _logits(graph: Graph) -> frozenset[int]:
    """The outputs, or the last before a SOFTMAX or LOGISTIC that is one; also where it moves in between."""
    ends = set(graph.outputs)
    readers: dict[int, list[Operator]] = {}
    for op in graph.operators:
        for index in op.inputs:
            readers.setdefault(index, []).append(op)
    for op in reversed(graph.operators):
        for index in op.inputs:
            users = readers[index]
            if all(_leads(user) and ends.issuperset(user.outputs) for user in users):
                ends.add(index)
    return frozenset(ends)


def _leads(op: Operator) -> bool:
    """Whether the values of an operator are those of its inputs, or squashed ones of its single input."""
    rule = RULES.get(op.opcode, Rule())
    return op.opcode in TRANSPARENT or op.opcode in ("PACK", "CONCATENATION") or rule.fixed is not None


def _joined(op: Operator, rule: Rule, chosen: Range, found: Mapping[int, Range]) -> Range:
    """A range within that of all that is joined, where all of it is known.

    A part of a larger tensor has fewer values, by which its range is chosen wider than that of the whole.
    """
    parts = [found.get(op.inputs[slot]) for slot in rule.slots(len(op.inputs))]
    known = [one for one in parts if one is not None]
    if len(known) < len(parts):
        return chosen
    return max(chosen[0], min(a for a, _ in known)), min(chosen[1], max(b for _, b in known))


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
