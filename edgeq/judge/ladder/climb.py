"""Make every form of a model and judge each on the same samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from edgeq.base.errors import ModelError
from edgeq.base.progress import SILENT, Progress
from edgeq.converter import InputStats
from edgeq.data import Dataset
from edgeq.graph import Graph, read_model, write_model
from edgeq.interpreter import run_all_tensors
from edgeq.judge import accuracy
from edgeq.judge.ladder.forms import FORMS, Source
from edgeq.judge.ladder.quality import LOOKED_AT, integers, judge, sqnr, watched_names, worst_layer
from edgeq.judge.ladder.runtimes import Verdict, verdicts


@dataclass(frozen=True, eq=False)
class MeasuredForm:
    """One form of the model, made and judged.

    Attributes:
        form: its name in ``FORMS``.
        title: for people.
        model: the .tflite file; None where it could not be made.
        accuracy: the share of right decisions; None without labels.
        sqnr: of the logits (else the outputs) against the float model, in dB; infinite where they are equal,
            None where there is nothing to compare.
        worst: the operator furthest from the float model, and its SQNR.
        looked_at: by how many samples, the first ones, ``worst`` was found.
        runtimes: who takes it; the first is LiteRT.
        notes: in sentences.
        refused: why it could not be made or run.
    """

    form: str
    title: str
    model: bytes | None = None
    accuracy: float | None = None
    sqnr: float | None = None
    worst: tuple[str, float] | None = None
    runtimes: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()
    refused: str = ""
    looked_at: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: null for what was not measured, and for an infinite SQNR."""
        return {
            "form": self.form,
            "title": self.title,
            "bytes": None if self.model is None else len(self.model),
            "accuracy": self.accuracy,
            "sqnr_db": None if self.sqnr is None or math.isinf(self.sqnr) else self.sqnr,
            "worst_layer": None
            if self.worst is None
            else {"operator": self.worst[0], "sqnr_db": self.worst[1], "samples": self.looked_at},
            "runtimes": {
                verdict.runtime: {"taken": verdict.taken, "how": verdict.how, "detail": verdict.detail}
                for verdict in self.runtimes
            },
            "notes": list(self.notes),
            "refused": self.refused or None,
        }


def climb(
    model: bytes,
    graph: Graph,
    calibration: Dataset | None,
    data: Dataset,
    progress: Progress = SILENT,
    *,
    rewrite: bool = False,
    input_stats: InputStats | None = None,
) -> tuple[MeasuredForm, ...]:
    """Every form of a float model, judged on ``data``.

    Args:
        model: the float .tflite file.
        graph: the same, read.
        calibration: samples by which the integer forms are calibrated; None where training gave all ranges.
        data: samples to judge by, real values; with labels, accuracies are given too.
        rewrite, input_stats: as for ``edgeq.converter.convert``.

    Raises:
        UsageError: statistics of an input that is not there.
        ModelError: the model is not a float one, or LiteRT refuses it.
        DataError: data that does not suit the model.
    """
    source = Source.of(model, graph, calibration, rewrite=rewrite, input_stats=input_stats)
    climber = _Climber(source, data)
    measured = []
    for name, form in FORMS.items():
        progress.stage("compare", form.title)
        measured.append(climber.measure(name))
    return tuple(measured)


class _Climber:
    def __init__(self, source: Source, data: Dataset) -> None:
        self._source = source
        self._data = data
        self._few = [x[:LOOKED_AT] for x in data.x]
        self._names = watched_names(source.plain)
        self._begins = data.begins
        self._real = judge(source.plain, data.x, self._names, "optimized", self._begins).watched
        plain = write_model(source.plain)
        few = integers(source.plain, self._few)
        self._tensors = run_all_tensors(plain, few, begins=self._begins[:LOOKED_AT], resolver="optimized")

    def measure(self, name: str) -> MeasuredForm:
        form = FORMS[name]
        try:
            made = form.make(self._source)
        except ModelError as error:
            return MeasuredForm(name, form.title, refused=error.message)
        model = write_model(made.graph)
        graph = read_model(model, self._source.graph.name)
        try:
            judged = judge(graph, self._data.x, self._names, form.kernels, self._begins)
        except ModelError as error:
            failed = Verdict("litert", False, "ran", error.message)
            return MeasuredForm(
                name, form.title, model, runtimes=(failed,), notes=made.notes, refused=error.message
            )
        sample = integers(graph, [x[:1] for x in self._data.x])
        return MeasuredForm(
            name,
            form.title,
            model,
            accuracy(judged.outputs[self._data.output], self._data.y, graph, self._data.output),
            sqnr(self._real, judged.watched),
            worst_layer(
                self._source.plain,
                self._tensors,
                graph,
                self._few,
                form.kernels,
                begins=self._begins[:LOOKED_AT],
            ),
            (Verdict("litert", True, "ran"), *verdicts(model, graph, sample)),
            made.notes,
            looked_at=len(self._few[0]),
        )
