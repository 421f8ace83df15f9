"""``compare``: one model in every form from float32 to strict int8, judged on the same data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import UsageError
from edgeq.base.files import refuse_existing_file, write_atomic
from edgeq.base.folders import OutputFolder, refuse_existing_folder
from edgeq.base.ownership import MANIFEST
from edgeq.base.progress import SILENT, Progress
from edgeq.judge.evaluation import EvaluationData, given_data
from edgeq.verbs.calibration import Calibration
from edgeq.verbs.convert import calibration_data_if_needed
from edgeq.verbs.manifests import json_bytes, manifest_bytes, model_facts
from edgeq.verbs.preprocessing import declared
from edgeq.verbs.sources import load_any

if TYPE_CHECKING:
    from edgeq.converter.sources import Environments
    from edgeq.data import Dataset
    from edgeq.graph import Graph
    from edgeq.judge.ladder import MeasuredForm

RESULT = "compare.json"


@dataclass(frozen=True)
class CompareRequest:
    """Everything that ``compare`` is told.

    Attributes:
        model: the float model: a .tflite file's bytes, or the path of any source.
        calibration: by what the integer forms are quantized.
        evaluation: what the forms are judged on; the calibration data where it names none.
        out: a folder that keeps every form; None for none.
        plot: a picture of quality against size, ``.svg`` or ``.png``; None for none.
        force: replace earlier ones, and keep what is the user's.
        environments: which Pythons have the frameworks of sources.
        signature: which of several models in one file or SavedModel; None for the only one.
    """

    model: Path | bytes
    calibration: Calibration = field(default_factory=Calibration)
    evaluation: EvaluationData = field(default_factory=EvaluationData)
    out: Path | None = None
    plot: Path | None = None
    force: bool = False
    environments: Environments | None = None
    signature: str | None = None


@dataclass(frozen=True, eq=False)
class Ladder:
    """A model in all forms.

    Attributes:
        name: the model's.
        model: the float .tflite file.
        samples: how many inputs the forms were judged on.
        forms: largest first.
    """

    name: str
    model: bytes
    samples: int
    forms: tuple[MeasuredForm, ...]

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it and ``compare.json`` keeps it."""
        return {
            "model": model_facts(self.name, self.model),
            "samples": self.samples,
            "forms": [form.to_dict() for form in self.forms],
        }


def compare(request: CompareRequest, progress: Progress = SILENT) -> Ladder:
    """Make a float model in every form, and judge each.

    Raises:
        UsageError: no data to calibrate or to judge by, or an output that exists.
        ModelError: the model is not a float one, or LiteRT refuses it.
        DataError: data that does not suit the model.
        ToolMissingError: a picture is asked for, and nothing here draws it.
    """
    from edgeq.judge.ladder import climb
    from edgeq.judge.ladder.plot import plot, refuse_plot

    if request.plot is not None:
        refuse_plot(request.plot)
        refuse_existing_file(request.plot, force=request.force)
    if request.out is not None:
        refuse_existing_folder(request.out, force=request.force)
    loaded = load_any(request.model, request.environments, progress, request.signature)
    graph, how = declared(loaded.graph, request.calibration.preprocessing), request.calibration
    shown = calibration_data_if_needed(graph, how)
    data = _judged(request, graph, shown, progress)
    forms = climb(
        loaded.model, graph, shown, data, progress, rewrite=how.rewrite, input_stats=how.input_stats
    )
    found = Ladder(graph.name, loaded.model, len(data), forms)
    if request.out is not None:
        _keep(request.out, found, force=request.force, progress=progress)
    if request.plot is not None:
        picture = plot(forms, graph.name, request.plot.suffix.lower())
        write_atomic(request.plot, picture, force=request.force)
    return found


def _judged(request: CompareRequest, graph: Graph, shown: Dataset | None, progress: Progress) -> Dataset:
    given = given_data(request.evaluation, graph)
    if given is not None:
        return given
    if shown is None:
        raise UsageError(
            "training gave this model its ranges, but there is no data to judge its forms by",
            "give --data with real inputs, with labels for accuracy",
        )
    progress.note("no --data: the forms are judged on the data that they were calibrated with")
    return shown


def _keep(out: Path, ladder: Ladder, *, force: bool, progress: Progress) -> None:
    with OutputFolder(out, force=force, progress=progress) as folder:
        for form in ladder.forms:
            if form.model is not None:
                write_atomic(folder / f"{ladder.name}_{form.form}.tflite", form.model)
        write_atomic(folder / RESULT, json_bytes({"schema_version": 1, **ladder.to_dict()}))
        write_atomic(folder / MANIFEST, manifest_bytes("compare"))
