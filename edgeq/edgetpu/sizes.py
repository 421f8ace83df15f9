"""A model's shapes at another size of its input image, and the largest at which nothing is too large.

Only shapes are made anew: the weights stay, and constants that go along with activations get zeros. That is
enough to predict from, and no model to run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from edgeq.edgetpu.predict import predict
from edgeq.edgetpu.prediction import Prediction
from edgeq.edgetpu.view import OperatorView
from edgeq.graph import ABSENT, Graph, Operator, Tensor, shapes

SIZE_RULES = frozenset({"flat-size", "prelu-size", "resize-size", "transpose-size"})
"""Rules of the table that a smaller input keeps."""

_STEP = 32
_TRIES = 40
_BY_RULE: dict[str, shapes.Rule] = {
    "AVERAGE_POOL_2D": shapes.pool,
    "CONCATENATION": shapes.concatenation,
    "CONV_2D": shapes.conv,
    "DEPTHWISE_CONV_2D": shapes.depthwise,
    "FULLY_CONNECTED": shapes.fully_connected,
    "MAX_POOL_2D": shapes.pool,
    "MEAN": shapes.mean,
    "PAD": shapes.pad,
    "REDUCE_MAX": shapes.mean,
    "SQUEEZE": shapes.squeeze,
    "SUM": shapes.mean,
    "TRANSPOSE": shapes.transpose,
}
_ENLARGED = {"RESIZE_BILINEAR": 0, "RESIZE_NEAREST_NEIGHBOR": 0, "TRANSPOSE_CONV": 2}
"""Operators that a constant tells how large their result is, and where their source is."""
_CUT = {"SLICE": 0, "SPLIT": 1, "SPLIT_V": 0, "STRIDED_SLICE": 0}
_IMAGE_RANK, _COLOURS = 4, 3
Shape = tuple[int, ...]


@dataclass(frozen=True)
class SmallerInput:
    """A size of the input image, and how many operators would map then, of how many."""

    height: int
    width: int
    mapped: int
    total: int

    def to_dict(self) -> dict[str, int]:
        """As ``--json`` prints it."""
        return {"height": self.height, "width": self.width, "mapped": self.mapped, "total": self.total}


def largest_input(graph: Graph, prediction: Prediction) -> SmallerInput | None:
    """The largest image at which no operator is left out, and the model not refused, for a size.

    None where nothing is, where the model has no single image for its input or is tied to its size (dense
    layers behind a flattened image), and where no smaller size helps.

    Args:
        prediction: of the model as it is.
    """
    if not _left_for_size(prediction) or len(graph.inputs) != 1:
        return None
    shape = graph.input_tensors[0].shape
    if len(shape) != 4:
        return None
    top = _top(shape)
    for height, width in _sizes(shape[top], shape[top + 1]):
        try:
            smaller = at_size(graph, height, width)
        except shapes.Contradiction:
            continue
        found = predict(smaller)
        if found.summary.mapped and not _left_for_size(found):
            return SmallerInput(height, width, found.summary.mapped, found.summary.total)
    return None


def at_size(graph: Graph, height: int, width: int) -> Graph:
    """The graph with the shapes that it has for an image of another size.

    Raises:
        Contradiction: an operator cannot be had at that size, or nothing is known of how it would be.
    """
    return _Anew(graph, height, width).graph


def _left_for_size(prediction: Prediction) -> bool:
    failure = prediction.failure
    if failure is not None:
        return "large activation tensors" in failure.status
    return any(one.rule in SIZE_RULES for one in prediction.operators)


def _sizes(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Smaller sizes of about the same aspect, the largest first."""
    step = max(_STEP, _STEP * math.ceil(height / _STEP / _TRIES))
    for smaller in range((height - 1) // step * step, 0, -step):
        yield smaller, max(_STEP, round(width * smaller / height / _STEP) * _STEP)


def _top(shape: Shape) -> int:
    """Which dimension of an image is its height: the second, or of an image by channels the third."""
    return 2 if shape[1] == _COLOURS < shape[3] else 1


class _Anew:
    """A graph whose shapes are made anew, operator by operator."""

    def __init__(self, graph: Graph, height: int, width: int) -> None:
        self._old = graph
        self._tensors = list(graph.tensors)
        self._operators: list[Operator] = []
        self._places: dict[Shape, Shape] = {}
        image = graph.inputs[0]
        shape = graph[image].shape
        top = _top(shape)
        self._set(image, (*shape[:top], height, width, *shape[top + 2 :]))
        for index in range(len(graph.operators)):
            self._take(index)

    @property
    def graph(self) -> Graph:
        """The result."""
        return self._old.replace(tensors=tuple(self._tensors), operators=tuple(self._operators))

    def _set(self, tensor: int, shape: Shape) -> None:
        before = self._old[tensor].shape
        if len(before) == len(shape) == _IMAGE_RANK:
            self._places.setdefault(before[1:3], shape[1:3])
        self._tensors[tensor] = _shaped(self._tensors[tensor], shape)

    def _take(self, index: int) -> None:
        op = self._old.operators[index]
        for place in op.inputs:
            if place != ABSENT and self._tensors[place].is_constant:
                self._tensors[place] = _alongside(OperatorView(self._old, index), place, self._tensors)
        inputs = [tensor for tensor in op.inputs if tensor != ABSENT]
        before = [self._old[tensor].shape for tensor in inputs]
        after = [self._tensors[tensor].shape for tensor in inputs]
        op = _over_all(op, before, after)
        self._operators.append(op)
        for tensor, shape in zip(op.outputs, self._results(op, before, after), strict=True):
            self._set(tensor, shape)

    def _results(self, op: Operator, before: list[Shape], after: list[Shape]) -> tuple[Shape, ...]:
        wanted = tuple(self._old[tensor].shape for tensor in op.outputs)
        rule = _BY_RULE.get(op.opcode)
        if op.opcode in _ENLARGED:
            source = _ENLARGED[op.opcode]
            return (self._enlarged(before[source], after[source], wanted[0]),)
        if before == after or op.opcode == "CUSTOM":
            return wanted
        if rule is not None:
            return (rule(*_alone(op, self._tensors)),)
        if op.opcode == "RESHAPE":
            return (_reshaped(before[0], after[0], wanted[0]),)
        if op.opcode in _CUT:
            source = _CUT[op.opcode]
            return tuple(_in_proportion(before[source], after[source], one) for one in wanted)
        return (self._elementwise(op, wanted),)

    def _enlarged(self, before: Shape, after: Shape, wanted: Shape) -> Shape:
        """As large as what had the same height and width elsewhere, such as a skip connection."""
        made = _in_proportion(before, after, wanted)
        return (made[0], *self._places.get(wanted[1:3], made[1:3]), *made[3:])

    def _elementwise(self, op: Operator, wanted: tuple[Shape, ...]) -> Shape:
        computed = [t for t in op.inputs if t != ABSENT and not self._old[t].is_constant]
        if len(wanted) == 1 and wanted[0] == _joined([self._old[tensor].shape for tensor in computed]):
            return _joined([self._tensors[tensor].shape for tensor in computed])
        raise shapes.Contradiction(f"nothing is known of {op.opcode} at another size")


def _over_all(op: Operator, before: list[Shape], after: list[Shape]) -> Operator:
    """The operator; a pooling over the whole of its input stays one."""
    names = ("filter_height", "filter_width")
    if op.opcode not in ("AVERAGE_POOL_2D", "MAX_POOL_2D") or before[0] == after[0]:
        return op
    if tuple(op.options.get(name) for name in names) != before[0][1:3]:
        return op
    return replace(op, options={**op.options, **dict(zip(names, after[0][1:3], strict=True))})


def _joined(given: list[Shape]) -> Shape:
    try:
        return tuple(int(n) for n in np.broadcast_shapes(*given))
    except ValueError:
        raise shapes.Contradiction(f"shapes {given} do not broadcast") from None


def _alone(op: Operator, tensors: list[Tensor]) -> tuple[Graph, Operator]:
    """The operator as a graph of its own, which a shape rule is asked of."""
    used = [tensor for tensor in (*op.inputs, *op.outputs) if tensor != ABSENT]
    number = {tensor: position for position, tensor in enumerate(dict.fromkeys(used))}
    moved = replace(
        op,
        inputs=tuple(number.get(tensor, ABSENT) for tensor in op.inputs),
        outputs=tuple(number[tensor] for tensor in op.outputs),
    )
    return Graph("one", tuple(tensors[tensor] for tensor in number), (moved,), (), ()), moved


def _alongside(view: OperatorView, place: int, tensors: list[Tensor]) -> Tensor:
    """A constant among the data of an operator, such as anchors: as large as the tensor that it goes with."""
    constant = tensors[place]
    if not any(constant is tensor for tensor in view.data) or view.opcode == "CONCATENATION":
        return constant
    places = [t for t in view.operator.inputs if t != ABSENT and not view.graph[t].is_constant]
    if not places:
        return constant
    before, after = view.graph[places[0]].shape, tensors[places[0]].shape
    rank = len(constant.shape)
    if before == after or rank > len(before):
        return constant
    pairs = zip(constant.shape, before[len(before) - rank :], after[len(after) - rank :], strict=True)
    shape = tuple(new if own == old else own for own, old, new in pairs)
    return replace(_shaped(constant, shape), data=np.zeros(shape, constant.dtype.numpy))


def _in_proportion(before: Shape, after: Shape, wanted: Shape) -> Shape:
    """A result as much larger or smaller than its source as it was."""
    if len(before) != len(wanted):
        raise shapes.Contradiction(f"{list(before)} becomes {list(wanted)}")
    pairs = zip(before, after, wanted, strict=True)
    return tuple(made if old == new else max(1, round(made * new / old)) for old, new, made in pairs)


def _reshaped(before: Shape, after: Shape, wanted: Shape) -> Shape:
    """One dimension takes all of the change: that of all places of the image, else the first that can."""
    old, new = math.prod(before), math.prod(after)
    places = math.prod(before[1:3])
    order = sorted(range(len(wanted)), key=lambda axis: (wanted[axis] % places != 0, axis))
    for axis in order:
        if wanted[axis] > 1 and wanted[axis] * new % old == 0:
            return (*wanted[:axis], wanted[axis] * new // old, *wanted[axis + 1 :])
    raise shapes.Contradiction(f"{list(wanted)} cannot hold {new} values of an image of another size")


def _shaped(tensor: Tensor, shape: Shape) -> Tensor:
    return replace(tensor, shape=shape, shape_signature=shape)
