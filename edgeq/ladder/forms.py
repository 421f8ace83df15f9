"""The rungs as data: what each form is called and how it is made from the float model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edgeq.converter.convert import IoType, convert
from edgeq.converter.forms import dynamic_range, float16_weights, float_io, mixed
from edgeq.converter.numbers import INT16
from edgeq.converter.prepare import prepare
from edgeq.data import Dataset
from edgeq.graph import Graph
from edgeq.interpreter import Resolver


@dataclass(frozen=True, eq=False)
class Source:
    """What every rung is made from.

    Attributes:
        model: the float .tflite file.
        graph: the same, read.
        plain: the graph with static shapes and float32 weights.
        calibration: samples as the model meets them in use.
    """

    model: bytes
    graph: Graph
    plain: Graph
    calibration: Dataset

    @classmethod
    def of(cls, model: bytes, graph: Graph, calibration: Dataset) -> Source:
        """Prepare a float model.

        Raises:
            ModelError: it cannot be made static, or is quantized already.
        """
        plain, _ = prepare(model, graph, strict=False)
        return cls(model, graph, plain, calibration)


@dataclass(frozen=True)
class Made:
    """A rung's graph, and what is to be known of it."""

    graph: Graph
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """One rung.

    Attributes:
        title: for people.
        make: from the source to the graph.
        kernels: which of LiteRT's kernels run it: the reference where all is integers.
    """

    title: str
    make: Callable[[Source], Made] = field(repr=False)
    kernels: Resolver = "optimized"


def _int8(io: IoType) -> Callable[[Source], Made]:
    def make(source: Source) -> Made:
        converted = convert(source.model, source.graph, source.calibration, io=io)
        return Made(converted.graph, converted.notes)

    return make


def _fallback(source: Source) -> Made:
    graph, floats = mixed(source.plain, source.calibration)
    return Made(float_io(graph), _stayed(floats))


def _int16x8(source: Source) -> Made:
    graph, floats = mixed(source.plain, source.calibration, numbers=INT16)
    return Made(graph, _stayed(floats))


def _stayed(floats: tuple[str, ...]) -> tuple[str, ...]:
    return (f"stayed float: {', '.join(floats)}",) if floats else ()


FORMS: Mapping[str, Form] = {
    "float32": Form("float32", lambda source: Made(source.plain)),
    "float16": Form("float16 weights", lambda source: Made(float16_weights(source.plain))),
    "dynamic": Form("dynamic range (int8 weights)", lambda source: Made(dynamic_range(source.plain))),
    "int16x8": Form("int16x8 (int8 weights)", _int16x8, "reference"),
    "fallback": Form("int8, float fallback and IO", _fallback),
    "int8": Form("strict int8, int8 IO", _int8("int8"), "reference"),
    "uint8": Form("strict int8, uint8 IO", _int8("uint8"), "reference"),
}
"""By the name that files and JSON have, largest first."""
