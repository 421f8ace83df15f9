"""In which forms a runtime takes an operator: the rows of its table, one a form.

Forms of an operator differ in the types of their tensors. The versions are the newest whose form is the one
implemented (a version tells which TensorFlow Lite can run an operator; types and options say what it
computes, and other rules look at those).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from edgeq.graph import shapes
from edgeq.graph.model import ABSENT, DType, Graph, Operator

Role = Literal["activation", "weights", "bias", "parameter", "state"]
Spacing = Literal["free", "as-input", "moves-bytes", "equal", "unrelated"]

INT8 = frozenset({DType.INT8})
UINT8 = frozenset({DType.UINT8})
INDEX = frozenset({DType.INT32, DType.INT64})
EIGHT_BITS = frozenset({DType.INT8, DType.UINT8})
MOVABLE = EIGHT_BITS | INDEX | {DType.INT16, DType.BOOL, DType.FLOAT32}
"""The types that firmware knows: what only moves takes them all, if TensorFlow Lite does."""
RECTIFIERS = frozenset({"NONE", "RELU", "RELU6", "RELU_N1_TO_1"})
UNFUSED = frozenset({"NONE"})


@dataclass(frozen=True)
class Operand:
    """One input of an operator.

    Attributes:
        name: how messages call it.
        role: ``activation`` (quantized, may be constant where ``constant`` is False), ``weights``, ``bias``,
            ``parameter`` (sizes and axes, not quantized), or ``state`` (a variable, read and written).
        dtypes: the types that it may have; None for the type of the form's main input.
        constant: whether the file must hold its values.
        optional: whether it may be left out.
        most: how many values a parameter may have.
    """

    name: str
    role: Role = "activation"
    dtypes: frozenset[DType] | None = None
    constant: bool = False
    optional: bool = False
    most: int = 64


@dataclass(frozen=True)
class FixedScale:
    """The scale and zero point that the int8 specification fixes for an operator's output.

    Attributes:
        scale, zero_point: the values.
        tolerance: relative, on the scale.
        demanded, zero_point_demanded: whether TensorFlow Lite refuses to run it with another scale or zero
            point.
    """

    scale: float
    zero_point: int
    tolerance: float = 0.0
    demanded: bool = True
    zero_point_demanded: bool = True


@dataclass(frozen=True)
class Support:
    """What a runtime takes of one operator, in one form.

    Attributes:
        max_version: the newest version.
        operands: its inputs in order.
        shape: the rule of its output's shape.
        parts: the rule of its outputs' shapes, where it may have several: in the place of ``shape``.
        repeats: whether the last operand may come any number of times.
        ranks: the smallest and largest rank of its first input.
        outputs: the types that its output may have; None for the type of its main input.
        further: the types of the outputs after the first, where these are numbers without a scale; None where
            they are as the first is.
        activations: the fused activations.
        channel_axis: the axis of the weights along which scales may differ; None where it has no weights.
        multiplies: whether results are products of its inputs, so that their scales multiply.
        averages: whether a result is the mean of many values, which is finer than a step of theirs.
        spacing: how the output's scale hangs on the input's. ``moves-bytes``: the runtime and TensorFlow Lite
            move bytes without rescaling, so a different scale changes what they mean. ``as-input``:
            TensorFlow Lite refuses different scales. ``equal``: the runtime moves bytes where TensorFlow Lite
            would rescale, so a different scale gives wrong results. ``unrelated``: not at all, since what is
            between has scales of its own.
        output_scale: the scale and zero point that the output must have; None where any will do.
        positive: options that must be at least 1.
        fixed: options that must have this value.
        longest: how long the last axis of its first input may be; None where any length will do.
        refusal: why a form that all of the above allows is refused, as a sentence; None where it is not.
        types: the types that its main input may have.
        askew: whether it computes with zero points of int16, which is symmetric elsewhere.
        bare: whether it takes and gives the integers themselves, which then need no scale.
    """

    max_version: int
    operands: tuple[Operand, ...] = (Operand("input"),)
    shape: shapes.Rule = shapes.same
    parts: shapes.Parts | None = None
    repeats: bool = False
    ranks: tuple[int, int] = (1, 6)
    outputs: frozenset[DType] | None = None
    further: frozenset[DType] | None = None
    activations: frozenset[str] = UNFUSED
    channel_axis: int | None = None
    multiplies: bool = False
    averages: bool = False
    spacing: Spacing = "free"
    output_scale: FixedScale | None = None
    positive: tuple[str, ...] = ()
    fixed: tuple[tuple[str, str | int | bool], ...] = ()
    longest: int | None = None
    refusal: Callable[[Graph, Operator], str | None] | None = None
    types: frozenset[DType] = INT8
    askew: bool = False
    bare: bool = False

    def output_shapes(self, graph: Graph, op: Operator) -> tuple[shapes.Shape, ...]:
        """The shapes of an operator's outputs.

        Raises:
            Contradiction: its inputs do not fit together.
        """
        return self.parts(graph, op) if self.parts else (self.shape(graph, op),)

    def main(self, op: Operator) -> int:
        """The input that ranks, batches and types are about: the first that is no parameter."""
        roles = [*zip(self.operands, op.inputs, strict=False)]
        own = [t for operand, t in roles if operand.role == "activation" and operand.dtypes is None]
        return own[0] if own else op.inputs[0]

    def roles(self, op: Operator) -> list[tuple[Operand, int]]:
        """Each of an operator's inputs with its operand; inputs beyond them are left out."""
        more = len(op.inputs) - len(self.operands) if self.repeats else 0
        return [*zip((*self.operands, *self.operands[-1:] * more), op.inputs, strict=False)]

    def types_of(
        self, graph: Graph, op: Operator, operand: Operand | None, place: int = 0
    ) -> frozenset[DType]:
        """The types that an operand of an operator may have there, or with None the output at a place."""
        if operand is None and place and self.further:
            return self.further
        own = self.outputs if operand is None else operand.dtypes
        main = graph[self.main(op)].dtype
        return own or (frozenset({main}) if main in self.types else self.types)

    def values(self, op: Operator) -> tuple[int, ...]:
        """Those of an operator's outputs that have a scale, if they are quantized."""
        return op.outputs[:1] if self.further else op.outputs

    def misfits(self, graph: Graph, op: Operator) -> int:
        """How many of an operator's tensors have types that this form does not take."""
        given = [(operand, t, 0) for operand, t in self.roles(op) if t != ABSENT]
        tensors = [*given, *((None, t, place) for place, t in enumerate(op.outputs))]
        return sum(
            graph[t].dtype not in self.types_of(graph, op, operand, place) for operand, t, place in tensors
        )


def unsigned(support: Support) -> Support:
    """The uint8 form of an int8 one, with one scale for all weights: zero points are 128 higher."""
    fixed = support.output_scale
    return replace(
        support,
        operands=tuple(replace(o, dtypes=UINT8) if o.role == "weights" else o for o in support.operands),
        channel_axis=None,
        output_scale=None if fixed is None else replace(fixed, zero_point=fixed.zero_point + 128),
        types=UINT8,
    )


Forms = tuple[Support, ...]
"""The forms in which a runtime takes one operator, the usual one first."""


def form_of(forms: Sequence[Support], graph: Graph, op: Operator) -> int:
    """The position of the form that takes an operator's types; where none does, of the nearest.

    Of those that are as near it is the usual one, or else one that takes what goes in, which a model has from
    elsewhere, so that messages blame what comes out.
    """
    if not op.inputs:
        return 0
    misfits = [form.misfits(graph, op) for form in forms]
    nearest = [place for place, count in enumerate(misfits) if count == min(misfits)]
    taking = [place for place in nearest if graph[forms[place].main(op)].dtype in forms[place].types]
    return 0 if 0 in nearest else (taking or nearest)[0]


WEIGHTS = Operand("weights", "weights", INT8, constant=True)
BIAS = Operand("bias", "bias", frozenset({DType.INT32}), constant=True, optional=True)
TWO_INPUTS = (Operand("first input"), Operand("second input"))
STRIDES = ("stride_h", "stride_w")
DILATIONS = ("dilation_h_factor", "dilation_w_factor")


def parameter(name: str, *, optional: bool = False, wide: bool = False) -> Operand:
    """Sizes or axes, constant in the file: INT32, and with ``wide`` INT64, which most kernels misread."""
    dtypes = INDEX if wide else frozenset({DType.INT32})
    return Operand(name, "parameter", dtypes, constant=True, optional=optional)
