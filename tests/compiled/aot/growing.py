"""A network that grows by whatever the runtime's table has: operands, options and scales by the row.

What a row does not tell (which axes, which weights) is drawn by ``drawers``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from nets import Net, drawn

from edgeq.backends.aot.operators import SUPPORT
from edgeq.checker import Finding, examine
from edgeq.checker.operators import Operand, Support
from edgeq.checker.view import QUANTIZED
from edgeq.graph import DType, Graph, Operator, Tensor
from edgeq.graph.options import OPTIONS
from edgeq.graph.shapes import Contradiction

T = TypeVar("T")
Shape = tuple[int, ...]
LARGEST = 1500
"""Elements of a tensor."""
_VERSIONS = {"BROADCAST_TO": 2}
"""The oldest that LiteRT runs, where that is not 1."""


@dataclass(frozen=True)
class Row:
    """A form of an operator, for one type of its main input."""

    opcode: str
    support: Support = field(repr=False)
    dtype: DType

    def __str__(self) -> str:
        return f"{self.opcode} of {self.dtype.value}"


ROWS = tuple(
    Row(opcode, support, dtype)
    for opcode, forms in SUPPORT.items()
    for support in forms
    for dtype in sorted(support.types)
    if opcode not in ("CALL_ONCE", "VAR_HANDLE")  # stand before every READ_VARIABLE and ASSIGN_VARIABLE
)


class Unfit(ValueError):
    """What was drawn does not fit together: something else is drawn."""


@dataclass
class Drawn:
    """An operator in the making: what it reads, what else it is told, how many outputs it has."""

    inputs: list[int]
    options: dict[str, int | float | str | bool | tuple[int, ...]] = field(default_factory=dict)
    outputs: int = 1
    types: tuple[DType, ...] = ()
    """The outputs', where they are not any that the row has."""
    quant: tuple[float, int] | None = None
    """The output's, where it follows from weights."""


Drawer = Callable[["Growing", Row, int], Drawn]
Growth = Callable[["Growing", Row, int], tuple[int, ...]]


class Growing(Net):
    """Tensors may be of any type, and operators any of the table.

    Args:
        drawers: by an operator's name, what it reads and is told, where its row does not say it all.
        growths: by an operator's name, those that are more than one operator with outputs.
    """

    def __init__(self, seed: int, drawers: dict[str, Drawer], growths: dict[str, Growth]) -> None:
        super().__init__(seed)
        self.drawers, self.growths = drawers, growths
        self.initials: dict[tuple[str, str], Tensor] = {}
        self.handles: dict[tuple[str, str], int] = {}
        self.refusals: list[Finding] = []
        self.most_inputs = 4

    # Chance

    def chance(self, *values: T) -> T:
        """One of some."""
        return values[int(self.random.integers(len(values)))]

    def often(self, probability: float) -> bool:
        return bool(self.random.random() < probability)

    def between(self, low: int, high: int) -> int:
        """Both included."""
        return int(self.random.integers(low, high + 1))

    # Tensors

    def quant(self, dtype: DType = DType.INT8) -> tuple[float, int]:
        """One that is there already, or a new one; sometimes of an absurd size, or at an end."""
        there = [t.quant for t in self.tensors if t.dtype is dtype and t.quant and not t.quant.is_per_channel]
        if there and self.often(0.4):
            quant = self.chance(*there)
            return quant.scale, quant.zero_point
        scale, zero_point = super().quant(dtype)
        if dtype is DType.INT16:
            return (2.0**-15 if self.often(0.1) else float(np.float32(scale / 200))), 0
        low, high = (0, 255) if dtype is DType.UINT8 else (-128, 127)
        if self.often(0.05):
            scale = self.chance(1e-6, 1e-4, 1.0, 20.0, 3e4, 2.0**-7, 2.0**-8)
        return float(np.float32(scale)), self.chance(low, high, (low + high + 1) // 2, *[zero_point] * 5)

    def of(self, dtype: DType, shape: Sequence[int], quant: tuple[float, int] | None, how: str) -> int:
        """A new tensor: an ``"input"`` of the model or a ``"constant"``."""
        if how == "input" and len(self.inputs) < self.most_inputs:
            return self.input(shape, quant, dtype=dtype)
        data = drawn(self.random, shape, dtype)
        if self.often(0.15):  # one value, or ends only
            data = np.resize(self.random.permutation(data.reshape(-1)[: self.between(1, 2)]), data.shape)
        return self.tensor(shape, quant, data=data, dtype=dtype)

    def parameter(self, operand: Operand | None, values: object) -> int:
        """Sizes or axes, in one of the types that the table allows."""
        types = sorted(operand.dtypes) if operand and operand.dtypes else [DType.INT32]
        dtype = DType.INT32 if DType.INT32 in types and self.often(0.8) else self.chance(*types)
        data = np.array(values, dtype.numpy)
        return self.tensor(data.shape, data=data, dtype=dtype)

    def main(self, row: Row) -> int:
        """A tensor for the main input; the youngest rather."""
        low, high = row.support.ranks
        fits = [
            i
            for i, t in enumerate(self.tensors)
            if t.dtype is row.dtype and self._lives(t) and low <= len(t.shape) <= high
        ]
        if fits and self.often(0.9):
            return fits[-min(self.between(1, len(fits)), self.between(1, len(fits)))]
        rank = self.between(low, min(high, 5)) if self.often(0.3) else min(max(4, low), high)
        how = "constant" if self.often(0.2) else "input"
        return self.of(row.dtype, self.shape(rank), None, how)

    @staticmethod
    def _lives(tensor: Tensor) -> bool:
        """Whether it is computed, and no layer's own."""
        return tensor.data is None and not tensor.is_variable and 0 not in tensor.shape

    def varies(self, x: int) -> bool:
        """Whether a tensor hangs on an input or on a state."""
        maker = next((op for op in self.operators if x in op.outputs), None)
        if maker is None:
            return self.tensors[x].data is None
        return any(i >= 0 and self.varies(i) for i in maker.inputs)

    def shape(self, rank: int) -> Shape:
        """Mostly one sample, or a batch."""
        first = (1,) if self.often(0.7) else (self.between(1, 4),)
        return (*first, *(self.between(1, 8 if rank < 5 else 3) for _ in range(rank - 1)))[:rank]

    def companion(self, operand: Operand, row: Row, x: int, shape: Sequence[int] | None = None) -> int:
        """A tensor beside the main one: of a shape that broadcasts with it, or of a given shape."""
        dtype = row.dtype if operand.dtypes is None else self.chance(*sorted(operand.dtypes))
        like = self.tensors[x]
        quant = None
        if dtype in QUANTIZED and dtype is like.dtype and row.support.spacing != "free" and self.often(0.95):
            quant = self.same_quant(x)
        if shape is None:
            shape = self._beside(like.shape, row)
        fits = [
            i
            for i, t in enumerate(self.tensors)
            if t.dtype is dtype
            and self._lives(t)
            and t.shape == tuple(shape)
            and (quant is None or (t.quant is not None and (t.quant.scale, t.quant.zero_point) == quant))
        ]
        if fits and not operand.constant and self.often(0.7):
            return self.chance(*fits)
        return self.of(
            dtype, shape, quant, "constant" if operand.constant else self.chance("input", "constant")
        )

    def _beside(self, shape: Shape, row: Row) -> Shape:
        kind = self.chance("same", "same", "tail", "ones", "more", "single")
        if kind == "tail":
            return shape[self.between(0, len(shape)) :]
        if kind == "single":
            return ()
        if kind == "ones":
            return tuple(1 if self.often(0.5) else d for d in shape)
        if kind == "more":
            grown = tuple(self.between(1, 4) if d == 1 else d for d in shape)
            return (2, *grown) if len(shape) < row.support.ranks[1] and self.often(0.2) else grown
        return shape

    # Operators

    def options(self, row: Row, inputs: Sequence[int], result: DType) -> dict[str, object]:
        """Every field that the schema has for it, but for numbers, which drawers know."""
        found: dict[str, object] = {}
        for known in OPTIONS[row.opcode].fields:
            if known.name == "fused_activation_function":
                found[known.name] = self.chance("NONE", *sorted(row.support.activations))
            elif known.name in ("in_data_type", "out_data_type", "output_type"):
                dtype = self.tensors[inputs[0]].dtype if known.name == "in_data_type" else result
                found[known.name] = dtype.value
            elif known.kind == "bool":
                found[known.name] = self.often(0.5)
            elif known.kind == "float32":
                found[known.name] = float(np.float32(self.random.uniform(0, 1.5)))
            elif known.kind == "enum" and len(known.names) < 5:
                found[known.name] = self.chance(*known.names.values())
        found |= dict(row.support.fixed)
        return found

    def plain(self, row: Row, x: int) -> Drawn:
        """An operator whose inputs are values, and all else its row's or the schema's."""
        inputs, main = [], True
        for operand in row.support.operands:
            if operand.role != "activation":
                raise LookupError(
                    f"{row.opcode} has {operand.name!r}, a parameter: say in DRAWERS of "
                    "tests/compiled/aot/drawers.py how it is drawn"
                )
            own = main and operand.dtypes is None
            inputs.append(x if own else self.companion(operand, row, x))
            main = main and not own
        if (
            len(inputs) == 2
            and row.support.operands[1].dtypes is None
            and not row.support.operands[1].constant
        ):
            inputs = inputs[:: self.chance(1, -1)]
        return Drawn(inputs)

    def grow(self, row: Row, x: int | None = None) -> tuple[int, ...]:
        """One more operator; its outputs.

        Raises:
            Unfit: nothing came of it, since its parts do not fit together, or the check refuses it.
        """
        tensors, inputs, operators = len(self.tensors), len(self.inputs), len(self.operators)
        try:
            x = self.main(row) if x is None else x
            if row.opcode in self.growths:
                return self.growths[row.opcode](self, row, x)
            return self._grown(row, self.drawers.get(row.opcode, Growing.plain)(self, row, x))
        except (Unfit, Contradiction) as error:
            del self.tensors[tensors:], self.inputs[inputs:], self.operators[operators:]
            raise Unfit(str(error)) from error

    def _grown(self, row: Row, made: Drawn) -> tuple[int, ...]:
        outputs = tuple(len(self.tensors) + i for i in range(made.outputs))
        op = Operator(row.opcode, tuple(made.inputs), outputs, {}, _VERSIONS.get(row.opcode, 1))
        main = row.support.main(op)
        allowed = sorted(row.support.types_of(self.graph(), op, None))
        types = made.types or tuple(self.chance(*allowed) for _ in outputs)
        op = replace(op, options={**self.options(row, made.inputs, types[0]), **made.options})
        unknown = tuple(Tensor("output", (), dtype) for dtype in types)
        shapes = row.support.output_shapes(self.graph().replace(tensors=(*self.tensors, *unknown)), op)
        if any(np.prod(s) > LARGEST or 0 in s or len(s) > 8 for s in shapes):
            raise Unfit("too large")
        for shape, dtype in zip(shapes, types, strict=True):
            self.tensor(shape, self._result(row, main, dtype, made), dtype=dtype)
        self.add(op)
        return outputs

    def add(self, op: Operator) -> None:
        """An operator that the check takes; one that it refuses is noted.

        Raises:
            Unfit: it refuses it.
        """
        read = dict.fromkeys(i for i in op.inputs if i >= 0 and not self.tensors[i].is_constant)
        given = [i for i in read if not self.tensors[i].is_variable] or [len(self.tensors)]
        tensors = (*self.tensors, Tensor("further", (1, 1), DType.INT32))
        alone = Graph("one", tensors, (op,), tuple(given), op.outputs, keeps_real_ends=True)
        errors = [finding for finding in examine(alone) if finding.severity == "error"]
        self.refusals += errors
        if errors:
            raise Unfit(errors[0].message)
        self.operators.append(op)

    def _result(self, row: Row, main: int, dtype: DType, made: Drawn) -> tuple[float, int] | None:
        """An output's quantization, mostly one with which its values neither vanish nor saturate."""
        if dtype not in QUANTIZED:
            return None
        support, like = row.support, self.tensors[main]
        if support.output_scale is not None and self.often(0.98):
            return support.output_scale.scale, support.output_scale.zero_point
        if dtype is like.dtype and support.spacing not in ("free", "unrelated") and self.often(0.95):
            return self.same_quant(main)
        if made.quant is not None:
            return made.quant
        scale, zero_point = self.quant(dtype)
        if dtype is like.dtype and self.often(0.7):
            near = [self.tensors[i].quant for i in made.inputs if i >= 0 and self.tensors[i].dtype is dtype]
            scales = [quant.scale for quant in near if quant is not None]
            most = 100 if dtype is not DType.INT16 else 20000
            size = (
                float(np.prod(scales)) * most
                if support.multiplies or (len(scales) > 1 and self.often(0.3))
                else max(scales)
            )
            scale = size * float(np.exp(self.random.uniform(-1.5, 1.5)))
        return float(np.float32(np.clip(scale, 1e-12, 1e12))), zero_point

    def graph(self) -> Graph:
        return super().graph().replace(initials=dict(self.initials), keeps_real_ends=True)
