"""``debug``: every layer of an int8 model against the float one that it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edgeq.base.errors import UsageError
from edgeq.base.files import refuse_existing_file, write_atomic
from edgeq.base.progress import SILENT, Progress
from edgeq.verbs.calibration import Calibration
from edgeq.verbs.convert import calibration_data, convert_float
from edgeq.verbs.manifests import model_facts
from edgeq.verbs.preprocessing import declared
from edgeq.verbs.sources import load_any, load_int8

if TYPE_CHECKING:
    from edgeq.converter.sources import Environments
    from edgeq.data import Dataset, Samples
    from edgeq.graph import Graph
    from edgeq.judge.layers import Diagnosis

DEFAULT_SAMPLES = 20
"""How many samples are looked at."""


@dataclass(frozen=True)
class DebugRequest:
    """Everything that ``debug`` is told.

    Attributes:
        model: the float model: a .tflite file's bytes, or the path of any source.
        int8: the integer model that was made from it; None to convert it.
        calibration: by what it is converted.
        data: samples to look at; the calibration data where there are none.
        samples: how many of them, evenly spread.
        stateful: whether ``data`` are sequences, over which the model keeps its state; of these as many whole
            ones are looked at as have so many samples.
        plot: a picture of the layers, ``.svg`` or ``.png``; None for none.
        force: replace an earlier picture.
        environments: which Pythons have the frameworks of sources.
        signature: which of several models in one file or SavedModel; None for the only one.
    """

    model: Path | bytes
    int8: Path | bytes | None = None
    calibration: Calibration = field(default_factory=Calibration)
    data: Samples | None = None
    samples: int = DEFAULT_SAMPLES
    stateful: bool = False
    plot: Path | None = None
    force: bool = False
    environments: Environments | None = None
    signature: str | None = None


@dataclass(frozen=True, eq=False)
class Debugged:
    """Two models, and what lies between them.

    Attributes:
        name, model: of the float .tflite file.
        quantized_name, quantized: of the integer one.
        diagnosis: the layers, worst first.
    """

    name: str
    model: bytes
    quantized_name: str
    quantized: bytes
    diagnosis: Diagnosis

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "model": model_facts(self.name, self.model),
            "quantized": model_facts(self.quantized_name, self.quantized),
            **self.diagnosis.to_dict(),
        }


def debug(request: DebugRequest, progress: Progress = SILENT) -> Debugged:
    """Hold every layer of an integer model against the float one.

    Raises:
        UsageError: no data, or a picture that exists.
        ModelError: models of the wrong kind, or of which one was not made from the other.
        DataError: data that does not suit the model.
        ToolMissingError: a picture is asked for, and nothing here draws it.
    """
    from edgeq.judge.ladder.plot import refuse_plot
    from edgeq.judge.layers import diagnose
    from edgeq.judge.layers.plot import plot

    if request.samples < 1:
        raise UsageError(f"{request.samples} samples are to be looked at", "give 1 or more")
    if request.plot is not None:
        refuse_plot(request.plot)
        refuse_existing_file(request.plot, force=request.force)
    loaded = load_any(request.model, request.environments, progress, request.signature)
    graph = declared(loaded.graph, request.calibration.preprocessing)
    samples = _samples(request, graph, progress)
    if request.int8 is not None:
        quantized, other = load_int8(request.int8, progress)
    else:
        converted = convert_float(loaded.model, loaded.graph, request.calibration, progress)
        quantized, other = converted.model, converted.graph
    progress.stage("debug", f"{len(samples)} samples of {samples.source}")
    found = diagnose(loaded.model, loaded.graph, other, samples, advance=progress.advance)
    for note in found.notes:
        progress.note(note)
    if request.plot is not None:
        picture = plot(found, other.name, request.plot.suffix.lower())
        write_atomic(request.plot, picture, force=request.force)
    return Debugged(loaded.graph.name, loaded.model, other.name, quantized, found)


def _samples(request: DebugRequest, graph: Graph, progress: Progress) -> Dataset:
    """So many samples, evenly spread: sorted data has all of its classes among them."""
    from edgeq.data import load_samples

    if request.data is None:
        found = calibration_data(graph, request.calibration)
        progress.note("no --data: the layers are judged on the calibration data")
    else:
        normalize = request.calibration.normalize
        found = load_samples(
            request.data,
            graph.input_tensors,
            normalize=normalize,
            in_order=graph.is_in_source_order,
            stateful=request.stateful,
        )
        if found.lengths is not None:
            return _sequences(found, request.samples)
    count = request.samples
    chosen = sorted({i * len(found) // count for i in range(count)})
    return replace(found, x=tuple(x[chosen] for x in found.x), y=None)


def _sequences(found: Dataset, count: int) -> Dataset:
    """Whole sequences, evenly spread, as many as have so many samples, or one more."""
    lengths = found.lengths or ()
    needed = next((n for n in range(1, len(lengths) + 1) if sum(_spread(lengths, n)) >= count), len(lengths))
    chosen = {i * len(lengths) // needed for i in range(needed)}
    starts = np.cumsum((0, *lengths))
    kept = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in sorted(chosen)])
    return replace(
        found, x=tuple(x[kept] for x in found.x), y=None, lengths=tuple(lengths[i] for i in sorted(chosen))
    )


def _spread(lengths: Sequence[int], count: int) -> list[int]:
    return [lengths[i * len(lengths) // count] for i in range(count)]
