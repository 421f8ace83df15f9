"""The forms as data: what each form is called and how it is made from the float model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edgeq.converter.boundary import float_io
from edgeq.converter.convert import IoType, convert
from edgeq.converter.forms import dynamic_range, float16_weights, mixed
from edgeq.converter.numbers import INT8, INT16, Numbers
from edgeq.converter.prepare import prepare
from edgeq.converter.trained import InputStats, Trained, input_ranges, take_trained
from edgeq.data import Dataset
from edgeq.graph import Graph
from edgeq.interpreter import Resolver


@dataclass(frozen=True, eq=False)
class Source:
    """What every form is made from.

    Attributes:
        model: the float .tflite file.
        graph: the same, read.
        plain: the graph with static shapes, float32 weights and without fake quantization.
        rewritten: the same, with others in the place of operators that have no int8 form where that is asked
            for.
        trained: what training has fixed of ``rewritten``.
        calibration: samples as the model meets them in use; None where training gave all ranges.
        rewrite: whether it is asked for.
        input_stats: (mean, std) that fix the inputs' range, as for ``convert``.
        fixed: the ranges that they come to.
    """

    model: bytes
    graph: Graph
    plain: Graph
    rewritten: Graph
    trained: Trained
    calibration: Dataset | None
    rewrite: bool = False
    input_stats: InputStats | None = None
    fixed: Mapping[int, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        model: bytes,
        graph: Graph,
        calibration: Dataset | None,
        *,
        rewrite: bool = False,
        input_stats: InputStats | None = None,
    ) -> Source:
        """Prepare a float model.

        Raises:
            ModelError: it cannot be made static, or is quantized already.
            UsageError: statistics of an input that is not there.
        """
        plain, _ = take_trained(prepare(model, graph, strict=False)[0])
        rewritten, trained = take_trained(prepare(model, graph, rewrite=rewrite, strict=False)[0])
        fixed = input_ranges(rewritten, input_stats)
        return cls(model, graph, plain, rewritten, trained, calibration, rewrite, input_stats, fixed)


@dataclass(frozen=True)
class FormGraph:
    """A form's graph, and what is to be known of it."""

    graph: Graph
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """One form: how it is called and made.

    Attributes:
        title: for people.
        make: from the source to the graph.
        kernels: which of LiteRT's kernels run it: the reference where all is integers.
    """

    title: str
    make: Callable[[Source], FormGraph] = field(repr=False)
    kernels: Resolver = "optimized"


def _int8(io: IoType) -> Callable[[Source], FormGraph]:
    def make(source: Source) -> FormGraph:
        converted = convert(
            source.model,
            source.graph,
            source.calibration,
            io=io,
            rewrite=source.rewrite,
            input_stats=source.input_stats,
        )
        return FormGraph(converted.graph, converted.notes)

    return make


def _fallback(source: Source) -> FormGraph:
    made = _mixed(source, INT8)
    return FormGraph(float_io(made.graph), made.notes)


def _int16x8(source: Source) -> FormGraph:
    return _mixed(source, INT16)


def _mixed(source: Source, numbers: Numbers) -> FormGraph:
    graph, floats = mixed(
        source.rewritten,
        source.calibration,
        numbers=numbers,
        trained=source.trained,
        fixed=source.fixed,
        tables=source.rewrite,
    )
    return FormGraph(graph, (f"stayed float: {', '.join(floats)}",) if floats else ())


FORMS: Mapping[str, Form] = {
    "float32": Form("float32", lambda source: FormGraph(source.plain)),
    "float16": Form("float16 weights", lambda source: FormGraph(float16_weights(source.plain))),
    "dynamic": Form("dynamic range (int8 weights)", lambda source: FormGraph(dynamic_range(source.plain))),
    "int16x8": Form("int16x8 (int8 weights)", _int16x8, "reference"),
    "fallback": Form("int8, float fallback and IO", _fallback),
    "int8": Form("strict int8, int8 IO", _int8("int8"), "reference"),
    "uint8": Form("strict int8, uint8 IO", _int8("uint8"), "reference"),
}
"""By the name that files and JSON have, largest first."""
