"""``convert``: prepare, calibrate, quantize, set the type of inputs and outputs, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from edgeq.base.errors import UsageError
from edgeq.converter.auto import choose
from edgeq.converter.biases import with_biases
from edgeq.converter.boundary import float_io, integer_io
from edgeq.converter.calibrate import Range, calibrate
from edgeq.converter.calibrators import calibrator as calibrator_named
from edgeq.converter.findings import of_inputs, saturated
from edgeq.converter.heldout import better
from edgeq.converter.numbers import INT16
from edgeq.converter.prepare import prepare, takes_int16
from edgeq.converter.quantize import quantize
from edgeq.converter.raising import Goal, raised
from edgeq.converter.rounded import Rounded
from edgeq.converter.trained import InputStats, input_ranges, ranges_without_data, take_trained
from edgeq.data import Dataset
from edgeq.features.preprocessing import together
from edgeq.graph import Graph, read_model, write_model
from edgeq.graph.ends import kind_of, refuse_integer, without_float_ends
from edgeq.graph.names import with_aliases
from edgeq.interpreter.sizes import static

IoType = Literal["int8", "uint8", "float"]
_KEPT = (
    "The model is integers inside already: without calibration its ends are real, and convert on the device."
)
Form = Literal["int8", "int16x8"]
"""Of activations, beside int8 weights."""
Mode = Literal["auto", "minmax"]
"""``auto`` is edgeq's own way to the best int8 model; ``minmax`` gives TensorFlow's."""


@dataclass(frozen=True, eq=False)
class Converted:
    """A model of integers alone.

    Attributes:
        model: the .tflite file.
        graph: the same, read.
        notes: what was found and done, in sentences.
    """

    model: bytes
    graph: Graph
    notes: tuple[str, ...]


def convert(
    model: bytes,
    graph: Graph,
    calibration: Dataset | None,
    *,
    io: IoType = "int8",
    form: Form = "int8",
    mode: Mode = "auto",
    calibrator: str | None = None,
    rewrite: bool = False,
    input_stats: InputStats | None = None,
    default_ranges: tuple[float, float] | None = None,
    mixed: bool = False,
    goal: Goal | None = None,
    advance: Callable[[int, int], None] | None = None,
) -> Converted:
    """Quantize a float model: weights, biases and every activation; docs/quantization.md says how.

    A model that is int8 inside and has float inputs and outputs only loses the operators that convert these,
    or with ``io="float"`` has them kept.

    Args:
        model: the float .tflite file.
        graph: the same, read.
        calibration: samples as the model meets them in use; a hundred are enough. None for a model whose
            ranges all come from training, ``input_stats`` and ``default_ranges``.
        io: the type of an int8 model's inputs and outputs; those of ``int16x8`` are int16. With ``float``
            operators at the ends convert to and from real numbers, and the file says that they are meant.
        form: ``int8``, or ``int16x8`` for int16 activations wherever an operator takes them.
        mode: how scales, weights and biases are chosen.
        calibrator: a name of ``edgeq.converter.calibrators``: how activations get their ranges in the
            automatic mode, whose own is ``crossed``.
        rewrite: put other operators, or a table, in the place of operators that have no int8 form
            (docs/operators.md says which, and what that costs); else such operators are refused.
        input_stats: (mean, std) of the older uint8 form, which fix the inputs' range:
            real = (q - mean) / std; for all float inputs, or by input name.
        default_ranges: (min, max) for activations that nothing else is known of, without calibration data;
            for trials of speed only.
        mixed: compute in int16 those operators of an int8 model that cost most (``edgeq.converter.raising``).
        goal: what the mixed model has to reach; None for nearly what int16 throughout gives.
        advance: called with (samples done, samples in all) while calibrating.

    Raises:
        UsageError: an unknown calibrator, one beside the mode ``minmax``, default ranges beside data, or
            statistics of an input that is not there.
        ModelError: the model is int8 already, or has an operator, a type or a shape that cannot be quantized.
        DataError: calibration data that does not fit the inputs or says nothing about them.
    """
    wide = form == "int16x8" or mixed
    chosen = calibrator_named(calibrator or ("minmax" if form == "int16x8" else "crossed"))
    if mode == "minmax" and calibrator not in (None, "minmax"):
        raise UsageError(
            f"the mode minmax takes minima and maxima as they are, not the calibrator {calibrator}",
            "leave one of the two out",
        )
    refuse_integer(graph)
    if kind_of(graph) == "float ends":
        done: list[str] = []
        ends = without_float_ends(static(model, graph, done))
        if ends is not None:
            return _finish(ends.graph, graph, io, (*done, _KEPT if io == "float" else ends.note))
    float_graph, prepared = prepare(model, graph, rewrite=rewrite)
    float_graph = with_biases(float_graph) if wide else float_graph
    float_graph, trained = take_trained(float_graph)
    prepared = (*prepared, *trained.notes)
    fixed = {**trained.ranges, **input_ranges(float_graph, input_stats)}
    integers = partial(_integers, form, _Mixing(calibration, goal) if mixed else None)
    if calibration is None:
        ranges, seen = ranges_without_data(float_graph, fixed, default_ranges)
        integer_graph, told = integers(float_graph, ranges, Rounded(trained.weights))
        return _finish(integer_graph, graph, io, (*prepared, *seen, *told, *saturated(integer_graph)))
    if default_ranges is not None:
        raise UsageError(
            "default ranges are for a conversion without calibration data", "leave one of the two out"
        )
    if mode == "minmax" or trained.ranges or trained.weights:
        measured, seen = calibrate(write_model(float_graph), float_graph, calibration, advance)
        integer_graph, told = integers(float_graph, {**measured, **fixed}, Rounded(trained.weights))
    else:
        choice = choose(float_graph, calibration, chosen, advance, fixed)
        seen = (*choice.notes, *of_inputs(float_graph, calibration, choice.ranges))
        integer_graph, told = integers(choice.graph, choice.ranges, choice.rounded)
        if calibrator is None and not wide:
            way, tried = better(float_graph, calibration, fixed)
            seen = (*tried, *seen)
            if way == "minmax":
                measured, _ = calibrate(write_model(float_graph), float_graph, calibration)
                integer_graph, told = quantize(float_graph, {**measured, **fixed})
    notes = (*calibration.notes, *prepared, *seen, *told, *saturated(integer_graph))
    return _finish(integer_graph, graph, io, notes, calibration)


@dataclass(frozen=True, eq=False)
class _Mixing:
    """What operators are raised by: samples and what is to be reached."""

    data: Dataset | None
    goal: Goal | None


def _integers(
    form: Form, mixing: _Mixing | None, graph: Graph, ranges: Mapping[int, Range], rounded: Rounded
) -> tuple[Graph, tuple[str, ...]]:
    """The graph of integers, and notes: in int16 all operators that can be, the others in int8 among them."""
    if mixing is not None:
        if mixing.data is None:
            raise UsageError(
                "which operators are to be raised to int16 is found with calibration data, and there is none",
                "give --calibration",
            )
        others, why = raised(graph, ranges, rounded, mixing.data, mixing.goal)
        made, notes = quantize(graph, ranges, rounded, others=others)
        return made, (*why, *notes)
    if form == "int8":
        return quantize(graph, ranges, rounded)
    narrow = [position for position in range(len(graph.operators)) if not takes_int16(graph, position)]
    made, notes = quantize(graph, ranges, rounded, numbers=INT16, others=narrow)
    if narrow:
        named = ", ".join(graph.describe(position) for position in narrow)
        notes = (*notes, f"In int8, for LiteRT has no int16 kernels of them: {named}.")
    return made, notes


def _finish(
    graph: Graph, source: Graph, io: IoType, notes: tuple[str, ...], calibration: Dataset | None = None
) -> Converted:
    named = with_aliases(float_io(graph) if io == "float" else integer_io(graph, io), source)
    steps = source.preprocessing
    if calibration is not None and calibration.preprocessing:
        steps = together(calibration.preprocessing, steps)
    named = named.preprocessed(steps)
    model = write_model(named)
    return Converted(model, read_model(model, graph.name), notes)
