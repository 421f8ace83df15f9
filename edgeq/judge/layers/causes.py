"""Which part of a layer is at fault, and what to try: from shares of its error to sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import median

import numpy as np

from edgeq.converter.ops import RULES
from edgeq.graph import ABSENT, Graph, Operator
from edgeq.judge.layers.bench import NONE
from edgeq.judge.layers.layers import Layer
from edgeq.judge.layers.pairs import CONVERSIONS

GOOD = 30.0
"""Decibels: a layer that is at so much by itself needs no advice, unless it is far below the others."""
BELOW = 12.0
"""Decibels below the middle of all layers that stand out."""
WIDE = 0.4
"""A range of which less is used is too wide."""
UNEVEN = 8.0
"""Channels whose largest spans so many times what half of them do not exceed are uneven."""
_SCALED = "look whether this data and the calibration data were scaled alike (--normalize)"
_MOST = 0.5
"""The share of a layer's own error that range and weights account for, unless it is neither."""


Cause = tuple[str, tuple[str, ...]]
"""A cause, and what to try."""
_EXACT = 100.0
"""Decibels that only floats' own rounding leaves."""
_CHOOSING = frozenset({"MINIMUM", "MAXIMUM", "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1"})
_MENDED = 10.0
"""Decibels by which a result is better after these, where they drop its error."""
_RANGE = ("range clipped", "range too wide")
_UNFIT = 0.02
"""How far a bias' scale may be from its input's times its weights': scales are float32."""
_BIAS: Cause = (
    "bias: it was quantized for another input scale than the model has there",
    (
        "mend the range of its input first, if that was changed after the conversion",
        "convert anew with edgeq convert: LiteRT's quantizer gives two operators that share a bias one scale",
    ),
)
_SCALES: Cause = (
    "its input and its result have different scales, and this operator does not convert between them",
    ("mend the range of its input first, if that was changed after the conversion", "convert anew"),
)


def explain(layers: Sequence[Layer], graph: Graph) -> tuple[Layer, ...]:
    """The layers worst first, those that stand out with their cause and what to try.

    Args:
        layers: in any order.
        graph: the quantized model.
    """
    ranks = [layer.rank for layer in layers if layer.rank < _EXACT]
    middle = median(ranks) if ranks else math.inf
    limit = max(GOOD, middle - BELOW)
    dropped = _dropped(layers, graph)
    explained = [
        _explained(layer, graph) if layer.rank < limit and layer.index not in dropped else layer
        for layer in layers
    ]
    causes = {layer.index: layer for layer in explained if layer.cause.startswith(_RANGE)}
    return tuple(
        sorted(
            explained, key=lambda layer: _order(layer, graph, causes, dropped.get(layer.index, layer.rank))
        )
    )


def _dropped(layers: Sequence[Layer], graph: Graph) -> Mapping[int, float]:
    """Results whose error is dropped by all that read them, with the SQNR that is left after that.

    What a range cuts off before a MINIMUM or a RELU may be just what these do not take.
    """
    by_index = {layer.index: layer for layer in layers}
    readers: dict[int, list[Operator]] = {}
    for op in reversed(graph.operators):
        for index in op.inputs:
            through = readers.get(op.outputs[0], []) if op.opcode in CONVERSIONS else [op]
            readers.setdefault(index, []).extend(through)
    found = {}
    for layer in layers:
        after = readers.get(layer.index, [])
        if not after or layer.index in graph.outputs or any(op.opcode not in _CHOOSING for op in after):
            continue
        made = [by_index.get(op.outputs[0]) for op in after]
        levels = [-math.inf if one is None else one.cumulative.sqnr or -math.inf for one in made]
        if min(levels) > layer.rank + _MENDED:
            found[layer.index] = min(levels)
    return found


def _order(layer: Layer, graph: Graph, causes: Mapping[int, Layer], rank: float) -> tuple[float, bool, int]:
    """Worst first; but what has its input's scale, or does not fit it, stands behind a wrong input."""
    if _unfit(layer, graph) or (layer.index in causes and _keeps_scale(layer)):
        before = [causes[index].rank for index in _sources(graph, layer.operator) if index in causes]
        if before:
            return max(rank, *before), True, layer.operator
    return rank, False, layer.operator


def _unfit(layer: Layer, graph: Graph) -> Cause | None:
    """What is wrong with an operator that was made for another scale of its input; None where nothing is."""
    if layer.operator == NONE:
        return None
    op = graph.operators[layer.operator]
    if _has_unfit_bias(graph, op):
        return _BIAS
    rule = RULES.get(op.opcode)
    if rule is None or rule.tie == "free" or layer.scale is None:
        return None
    sources = [graph[op.inputs[slot]].quant for slot in rule.slots(len(op.inputs))]
    scales = [quant.scale for quant in sources if quant is not None]
    if all(math.isclose(scale, layer.scale, rel_tol=_UNFIT) for scale in scales):
        return None
    return _SCALES


def _keeps_scale(layer: Layer) -> bool:
    """Whether a result's range is that of what it was made from."""
    rule = RULES.get(layer.opcode)
    return layer.operator != NONE and rule is not None and rule.tie == "input"


def _sources(graph: Graph, operator: int) -> set[int]:
    """The tensors that an operator reads, and those that these have their scale from."""
    made = {index: op for op in graph.operators for index in op.outputs}
    found: set[int] = set()
    waiting = [*graph.operators[operator].inputs]
    while waiting:
        index = waiting.pop()
        if index == ABSENT or index in found:
            continue
        found.add(index)
        rule = RULES.get(made[index].opcode) if index in made else None
        if rule is not None and rule.tie == "input":
            waiting.append(made[index].inputs[rule.first])
    return found


def _has_unfit_bias(graph: Graph, op: Operator) -> bool:
    """Whether an operator's bias has another scale than that of its input times that of its weights."""
    rule = RULES.get(op.opcode)
    if rule is None or rule.bias is None or rule.weights is None or rule.bias >= len(op.inputs):
        return False
    if ABSENT in (op.inputs[rule.first], op.inputs[rule.weights], op.inputs[rule.bias]):
        return False
    source, weights, bias = (graph[op.inputs[i]].quant for i in (rule.first, rule.weights, rule.bias))
    if source is None or weights is None or bias is None:
        return False
    due = source.scale * weights.scales
    return len(due) == len(bias.scales) and bool((np.abs(bias.scales / due - 1) > _UNFIT).any())


def _explained(layer: Layer, graph: Graph) -> Layer:
    cause, advice = _unfit(layer, graph) or _cause(layer)(layer, graph)
    return replace(layer, cause=cause, advice=advice)


def _cause(layer: Layer) -> Callable[[Layer, Graph], Cause]:
    if layer.own is None:
        return _unknown
    parts = {name: layer.shares[name] or 0.0 for name in ("weights", "clipped", "step")}
    worst = max(parts, key=lambda name: parts[name])
    if sum(parts.values()) < _MOST * layer.own.mse:
        return _arithmetic
    return {"weights": _weights, "clipped": _clipped, "step": _step}[worst]


def _unknown(layer: Layer, _graph: Graph) -> Cause:
    return "the layer cannot be taken out of the model: all before it counts here", ()


def _arithmetic(layer: Layer, _graph: Graph) -> Cause:
    return (
        f"neither range nor weights: it is how {layer.opcode} computes in integers",
        (
            "keep this operator in int16 (edgeq compare has the int16x8 form)",
            "put an operator in its place that rounds less, or move it out of the model",
        ),
    )


def _clipped(layer: Layer, graph: Graph) -> Cause:
    cause = (
        f"range clipped: int8 holds {_span(layer.held)}, the float values go {_span(layer.seen)}; "
        f"{100 * layer.clipped:.3g} % are cut off"
    ).replace("int8", layer.dtype.lower())
    fixed = _fixed(layer, graph)
    if fixed:
        return cause, (fixed,)
    return cause, (
        *([_SCALED] if layer.operator == NONE else []),
        "calibrate with more samples, of the kind that the model meets in use",
        "calibrate with another calibrator: --calibrator crossed or minmax leaves room where percentile, mse "
        "and entropy cut",
        *_tied(layer, graph),
    )


def _step(layer: Layer, graph: Graph) -> Cause:
    fixed = _fixed(layer, graph)
    if fixed:
        return "the specification fixes its scale", (fixed,)
    steps = round(layer.used * (65535 if layer.dtype == "INT16" else 255))
    if layer.used < WIDE:
        return (
            f"range too wide: {layer.dtype.lower()} holds {_span(layer.held)}, the float values go "
            f"{_span(layer.seen)} and take {steps} steps of it",
            (
                *([_SCALED] if layer.operator == NONE else []),
                "look for samples of a wrong scale in the calibration data",
                "calibrate with another calibrator: --calibrator percentile:99.99 or mse leaves outliers out",
                *_tied(layer, graph),
            ),
        )
    wide = "give the activations 16 bits: the int16x8 form (edgeq compare makes it)"
    if _unevenness(layer) >= UNEVEN:
        return (
            f"uneven channels: the widest spans {_unevenness(layer):.0f} times the usual one and sets the "
            "scale of all",
            (
                "--mode auto, which evens channels out where what follows allows it",
                wide,
                "train with a batch normalization after this convolution"
                if layer.operator != NONE
                else "scale the input's channels alike before the model, and train it so",
            ),
        )
    return (
        "8 bits are few for it: the range is right, and most values are small beside it"
        if layer.dtype != "INT16"
        else "most values are small beside its range",
        (
            *([wide] if layer.dtype != "INT16" else []),
            "train with an activation that bounds it (RELU6), or with quantization in the loop",
        ),
    )


def _weights(layer: Layer, graph: Graph) -> Cause:
    op = graph.operators[layer.operator]
    rule = RULES.get(op.opcode)
    retrain = "train with quantization in the loop (fake-quant nodes)"
    quant = None if rule is None or rule.weights is None else graph[op.inputs[rule.weights]].quant
    if quant is not None and not quant.is_per_channel:
        return "weights: one scale for all output channels", (
            "quantize the weights per channel, as edgeq convert does",
            retrain,
        )
    return "weights: their rounding outweighs everything else here", (
        "--mode auto, which rounds weights by the data and mends the biases",
        "look whether these weights are those of this float model",
        retrain,
    )


def _fixed(layer: Layer, graph: Graph) -> str:
    rule = RULES.get(layer.opcode)
    if (
        rule is None
        or rule.fixed is None
        or layer.scale is None
        or graph[_output(layer, graph)].quant is None
    ):
        return ""
    if not math.isclose(layer.scale, rule.fixed[0], rel_tol=1e-3):
        return ""
    return f"no calibration changes {layer.opcode}'s scale: judge its input, or leave it to the application"


def _output(layer: Layer, graph: Graph) -> int:
    return graph.operators[layer.operator].outputs[0]


def _tied(layer: Layer, graph: Graph) -> tuple[str, ...]:
    """With whom a layer shares its scale, where the operator that joins them wants it so."""
    if layer.operator == NONE or layer.scale is None:
        return ()
    own = set(graph.operators[layer.operator].outputs)
    for position, op in enumerate(graph.operators):
        rule = RULES.get(op.opcode)
        quant = graph[op.outputs[0]].quant if op.outputs else None
        if rule is None or rule.tie == "free" or quant is None or quant.is_per_channel:
            continue
        if rule.tie == "input" and position == layer.operator:
            return ("mend the range of its input: this operator keeps that scale",)
        if rule.tie == "output" and own & set(op.inputs) and math.isclose(quant.scale, layer.scale):
            return (f"it shares its scale with all that {graph.describe(position)} joins: even these out",)
    return ()


def _unevenness(layer: Layer) -> float:
    alive = [span for span in layer.channels if span > 0]
    return max(alive) / median(alive) if len(alive) > 3 else 1.0


def _span(ends: tuple[float, float] | None) -> str:
    return "everything" if ends is None else f"{ends[0]:.4g} to {ends[1]:.4g}"
