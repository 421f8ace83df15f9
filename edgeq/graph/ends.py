"""Models of integers inside and real ends: TensorFlow's default, a QUANTIZE first and a DEQUANTIZE last.

A device needs neither: whoever has real values makes integers of them by the input's scale, before the model.
So they are left out, but for a file that says that they are meant (``convert --io float``), and for a real
input that is quantized at several scales, for which no integers can stand, or real outputs of one tensor, for
which one would have to stand twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from edgeq.base.errors import ModelError
from edgeq.graph.model import ABSENT, DType, Graph, Operator
from edgeq.graph.rewrite import compact

_INTEGERS = (DType.INT8, DType.UINT8, DType.INT16)
_STORED = (*_INTEGERS, DType.INT4)
Kind = Literal["float", "in part", "float ends", "integer"]


@dataclass(frozen=True, eq=False)
class Stripped:
    """A model without the operators at its ends.

    Attributes:
        graph: integers from input to output; they have the names of the real tensors that they stand for.
        inputs, outputs: the names of those that were real.
    """

    graph: Graph
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def note(self) -> str:
        """What was done, in a sentence."""
        ends = [
            f"{kind}{'s' * (len(names) > 1)} {', '.join(repr(name) for name in names)}"
            for kind, names in (("input", self.inputs), ("output", self.outputs))
            if names
        ]
        return (
            f"The model is {self._type} inside already and real at its {' and '.join(ends)}: the operators "
            "that convert there are left out, without calibration, and the device takes and gives integers."
        )

    @property
    def _type(self) -> str:
        types = {t.dtype.value.lower() for t in (*self.graph.input_tensors, *self.graph.output_tensors)}
        return " and ".join(sorted(types))


def kind_of(graph: Graph) -> Kind:
    """Whether a model computes with integers: wholly, but for QUANTIZE and DEQUANTIZE at its ends, or not.

    ``"in part"`` are models with integers and floats inside: fake quantization, or a part that stayed float.
    """
    entries, exits = _entries(graph), _exits(graph)
    integers = any(graph[i].dtype in _INTEGERS for op in graph.operators for i in op.outputs)
    mixed: Kind = "in part" if integers else "float"
    for op in graph.operators:
        floats = [i for i in (*op.inputs, *op.outputs) if i != ABSENT and graph[i].dtype.is_float]
        if floats and not (op in entries or op in exits or _asks_size(graph, op)):
            return mixed
    if not integers:
        return "float"
    met = {*(op.inputs[0] for op in entries), *(op.outputs[0] for op in exits)}
    real = {i for i in (*graph.inputs, *graph.outputs) if graph[i].dtype.is_float}
    if not real <= met:
        return mixed
    return "float ends" if real else "integer"


def hybrid_weights(graph: Graph, op: Operator) -> tuple[int, ...]:
    """The constant integers that an operator with float results reads as real values (dynamic range).

    Args:
        graph: the model.
        op: one of its operators.
    """
    if op.opcode in ("DEQUANTIZE", "QUANTIZE") or not all(graph[i].dtype.is_float for i in op.outputs):
        return ()
    return tuple(
        i
        for i in dict.fromkeys(op.inputs)
        if i != ABSENT and graph[i].is_constant and graph[i].quant is not None and graph[i].dtype in _STORED
    )


def refuse_integer(graph: Graph) -> None:
    """Refuse a model that is quantized wholly, and one whose real input would need two scales.

    Raises:
        ModelError: it is one.
    """
    kind = kind_of(graph)
    if kind == "integer":
        raise ModelError(
            f"{graph.name} is an integer model already",
            "no conversion is needed: check, generate or deploy it",
        )
    if kind == "float ends" and _torn(graph):
        raise ModelError(
            f"the real input '{_torn(graph)}' is quantized at several scales inside, so that no integer "
            "input can stand for it",
            "convert the float model it was made from; or generate or deploy this one, whose ends stay real",
        )
    if kind == "float ends" and _doubled(graph):
        raise ModelError(
            f"the real output '{_doubled(graph)}' is of a tensor that is another output, too, so that no "
            "integer output can stand for it alone",
            "generate or deploy it as it is: its ends stay real; or leave one of the outputs out",
        )


def without_float_ends(graph: Graph) -> Stripped | None:
    """The graph between its QUANTIZE and DEQUANTIZE operators; None where it has others, or no such ends."""
    if kind_of(graph) != "float ends" or _torn(graph) or _doubled(graph):
        return None
    tensors = list(graph.tensors)
    stands_for: dict[int, int] = {}
    dropped = (*_entries(graph), *_exits(graph))
    for op in _entries(graph):
        source, inner = op.inputs[0], op.outputs[0]
        stands_for[inner] = stands_for.setdefault(source, inner)
    for op in _exits(graph):
        stands_for[op.outputs[0]] = stands_for.get(op.inputs[0], op.inputs[0])
    real = [i for i in (*graph.outputs, *graph.inputs) if graph[i].dtype.is_float]
    for index in real:
        inner = stands_for[index]
        tensors[inner] = replace(tensors[inner], name=graph[index].name, alias=graph[index].alias)
    kept = tuple(
        replace(op, inputs=tuple(stands_for.get(i, i) for i in op.inputs))
        for op in graph.operators
        if op not in dropped
    )
    inputs = tuple(stands_for.get(i, i) for i in graph.inputs)
    outputs = tuple(stands_for.get(i, i) for i in graph.outputs)
    stripped = graph.replace(
        tensors=tuple(tensors), operators=kept, inputs=inputs, outputs=outputs, keeps_real_ends=False
    )
    return Stripped(
        compact(stripped),
        tuple(graph[i].name for i in graph.inputs if graph[i].dtype.is_float),
        tuple(graph[i].name for i in graph.outputs if graph[i].dtype.is_float),
    )


def keeps_ends(graph: Graph) -> bool:
    """Whether a model computes with integers, and the operators at its real ends run on the device."""
    return kind_of(graph) == "float ends" and bool(graph.keeps_real_ends or _torn(graph) or _doubled(graph))


def _entries(graph: Graph) -> tuple[Operator, ...]:
    return tuple(
        op
        for op in graph.operators
        if op.opcode == "QUANTIZE" and op.inputs[0] in graph.inputs and graph[op.inputs[0]].dtype.is_float
    )


def _exits(graph: Graph) -> tuple[Operator, ...]:
    return tuple(
        op
        for op in graph.operators
        if op.opcode == "DEQUANTIZE"
        and op.outputs[0] in graph.outputs
        and graph[op.outputs[0]].dtype.is_float
        and not graph[op.inputs[0]].dtype.is_float
        and not graph[op.inputs[0]].is_constant
    )


def _asks_size(graph: Graph, op: Operator) -> bool:
    """Whether an operator looks at a tensor's shape only, as those of a dynamic batch do."""
    return op.opcode == "SHAPE" and op.inputs[0] in graph.inputs


def _doubled(graph: Graph) -> str:
    """The name of a real output of a tensor that is another output, too; empty where there is none."""
    taken = set(graph.outputs)
    for op in _exits(graph):
        if op.inputs[0] in taken:
            return graph[op.outputs[0]].label
        taken.add(op.inputs[0])
    return ""


def _torn(graph: Graph) -> str:
    """The name of a real input that is quantized at several scales; empty where there is none."""
    found: dict[int, tuple[object, ...]] = {}
    for op in _entries(graph):
        inner = graph[op.outputs[0]]
        quant = inner.quant
        form = (inner.dtype, quant and quant.scales.tobytes(), quant and quant.zero_points.tobytes())
        if found.setdefault(op.inputs[0], form) != form:
            return graph[op.inputs[0]].label
    return ""
