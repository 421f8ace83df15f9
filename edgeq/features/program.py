"""A pipeline as calls of C kernels, with the memory that they take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edgeq.features.form import Form
from edgeq.features.preprocessing import Preprocessing
from edgeq.features.stage import Kernel, Stage
from edgeq.features.stages.frames import Frames

_WORD = 8
"""Buffers are of words of so many bytes, so that any type may lie in them."""


@dataclass(frozen=True, eq=False)
class Call:
    """One kernel, called for each row.

    Attributes:
        stage: what it is of, for comments.
        kernel: what is called.
        rows: how often.
        given, made: forms of what it reads and writes in all.
        source, target: which of the two buffers; -1 for the raw sample, 2 for the input.
    """

    stage: str
    kernel: Kernel
    rows: int
    given: Form
    made: Form
    source: int
    target: int

    @property
    def given_row(self) -> int:
        """Elements of a row that is read."""
        return self.given.elements // self.rows

    @property
    def made_row(self) -> int:
        """Elements of a row that is written."""
        return self.made.elements // self.rows


@dataclass(frozen=True, eq=False)
class Program:
    """A pipeline in C.

    Attributes:
        preprocessing: what it computes.
        frames: where it goes frame by frame, and so can stream, how; the calls are then those of one frame.
        count: how many frames there are; 1 without.
        calls: in their order.
        buffers: bytes of each of the two buffers.
        scratch, state: bytes that kernels need while they run, and keep from frame to frame.
    """

    preprocessing: Preprocessing
    frames: Frames | None
    count: int
    calls: tuple[Call, ...]
    buffers: tuple[int, int]
    scratch: int
    state: int

    @property
    def raw(self) -> Form:
        """The form of a raw sample."""
        return self.preprocessing.forms[0]

    @property
    def row(self) -> int:
        """Bytes of the input that come of one frame, or of all."""
        return self.calls[-1].made.elements

    @property
    def ram(self) -> int:
        """Bytes that it takes beside the raw sample and the input."""
        return sum(self.buffers) + self.scratch + self.state

    @property
    def flash(self) -> int:
        """Bytes of tables."""
        return sum(call.kernel.flash for call in self.calls)


def program(preprocessing: Preprocessing, last: Kernel | None = None) -> Program:
    """The calls of a pipeline.

    Args:
        last: the kernel that makes an input's integers of the last stage's, made for :func:`row_form`; None
            to end with the stage's own.

    Raises:
        ValueError: it has no stages.
    """
    stages, forms = list(preprocessing.stages), list(preprocessing.forms)
    if not stages:
        raise ValueError("there is nothing to compute")
    frames, count = None, 1
    if isinstance(stages[0], Frames):
        frames, count = stages[0], forms[1].shape[0]
        stages = stages[1:]
        forms = [_one(form) for form in forms[1:]]
    made = list(zip(stages, forms, forms[1:], strict=False))
    calls = _calls(made, forms[-1], last)
    sizes = [0, 0]
    for call in calls:
        if call.target in (0, 1):
            sizes[call.target] = max(sizes[call.target], call.made.elements * call.made.numpy.itemsize)
    return Program(
        preprocessing,
        frames,
        count,
        calls,
        (_whole(sizes[0]), _whole(sizes[1])),
        max((_whole(call.kernel.scratch) for call in calls), default=0),
        sum(_whole(call.kernel.state) for call in calls),
    )


def row_form(preprocessing: Preprocessing) -> Form:
    """The form of what the last stage makes of one frame, or of a whole sample without frames."""
    last = preprocessing.forms[-1]
    return _one(last) if isinstance(preprocessing.stages[0], Frames) else last


def _one(form: Form) -> Form:
    """Of one frame, which stays an axis."""
    return Form((1, *form.shape[1:]), form.dtype, form.rate)


def _calls(made: Sequence[tuple[Stage, Form, Form]], end: Form, last: Kernel | None) -> tuple[Call, ...]:
    calls = []
    source = -1
    for at, (stage, given, form) in enumerate(made):
        is_last = last is None and at == len(made) - 1
        target = 2 if is_last else at % 2
        rows = math.prod(given.shape[:-1]) if stage.rows else 1
        calls.append(Call(str(stage), stage.kernel(given), rows, given, form, source, target))
        source = target
    if last is not None:
        made_of = Form(end.shape, "uint8")
        calls.append(Call("to the input's integers", last, 1, end, made_of, source, 2))
    return tuple(calls)


def _whole(size: int) -> int:
    return -(-size // _WORD) * _WORD
