"""``deploy``: the one road for every board and runtime; typed values passed on.

Everything up to the check happens in memory. Then the output folder appears, with the int8 model in it, and
each later artefact is added when it is whole; a stage that fails leaves what the stages before it finished.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.backends.project.project import preprocessing_facts
from edgeq.base.files import write_atomic
from edgeq.base.folders import OutputFolder, add_file, holding, refuse_existing_folder
from edgeq.base.ownership import MANIFEST
from edgeq.base.progress import SILENT, Progress
from edgeq.features.preprocessing import together as steps_together
from edgeq.graph import Graph
from edgeq.judge.evaluation import data_for, given_data, refuse_impossible
from edgeq.verbs.calibration import Quantized
from edgeq.verbs.convert import float_answers_of, quantize
from edgeq.verbs.folders import PAGE, REPORT, SERIAL_LOG, default_out, keeping, model_file
from edgeq.verbs.manifests import file_facts, json_bytes, manifest_bytes, source_facts
from edgeq.verbs.preflight import preflight, refuse_unfit, refuse_unjudged
from edgeq.verbs.preprocessing import declared
from edgeq.verbs.runtimes import Accepted, Outcome, Runtime, choose, refuse_foreign_options
from edgeq.verbs.side_by_side import SideBySide, refuse_one_device, together

if TYPE_CHECKING:
    from edgeq.data import Dataset
    from edgeq.verbs.request import DeployRequest


@dataclass(frozen=True)
class _Read:
    """What was read before anything is made.

    Attributes:
        model, graph: as the user gave them.
        out: the output folder.
        given: the user's test data; None where there is none.
    """

    model: bytes
    graph: Graph
    out: Path
    given: Dataset | None


def deploy(request: DeployRequest, progress: Progress = SILENT) -> Outcome | SideBySide:
    """Take a model to a board and judge it there.

    Returns:
        The outcome, whose report is also in the output folder as ``report.json``; its verdict may be
        ``"fail"``. With several runtimes all of them, each in a folder of its own beside
        ``comparison.json``; the model is quantized once, and has to pass the check of every runtime before
        anything is built.

    Raises:
        EdgeqError: a stage failed; the hint says where the finished artefacts are.
    """
    runtimes = choose(request.board, request.runtimes)
    for runtime in runtimes:
        refuse_foreign_options(runtime, request.given, request.board.id)
        runtime.refuse(request)
    refuse_one_device(request, runtimes)
    preflight(request, runtimes)
    read = _read(request, progress)
    refuse_unfit(request, runtimes, read.model, read.graph)
    with holding(read.out):
        refuse_existing_folder(read.out, force=request.force)  # somebody may have been at work there
        return _go(request, runtimes, read, progress)


def _go(
    request: DeployRequest, runtimes: tuple[Runtime, ...], read: _Read, progress: Progress
) -> Outcome | SideBySide:
    """From the models read to the verdict, in a folder that nobody else writes to."""
    quantized = _quantized(request, read, runtimes, progress)
    accepted = [runtime.check(request, quantized, progress) for runtime in runtimes]
    refuse_unjudged(runtimes, quantized.model, quantized.graph, read.given)
    road = _Road(request, read, quantized)
    if len(accepted) == 1:
        return road.finish(accepted[0], read.out, progress)
    with OutputFolder(read.out, force=request.force, progress=progress) as folder:
        for runtime in runtimes:  # theirs to fill
            with OutputFolder(folder / runtime.name) as place:
                write_atomic(place / MANIFEST, manifest_bytes("deploy"))
        source = source_facts(read.graph.name, read.model)
        told = {"board": request.board.id, "runtimes": [runtime.name for runtime in runtimes]}
        write_atomic(folder / MANIFEST, manifest_bytes("compare", **told, source=source))
    with keeping(read.out, progress):
        outcomes = [
            road.finish(one, read.out / runtime.name, progress)
            for runtime, one in zip(runtimes, accepted, strict=True)
        ]
    return together(outcomes, read.out)


def _read(request: DeployRequest, progress: Progress) -> _Read:
    """The preamble: nothing of the user's is replaced unasked, and nothing that cannot end well begins.

    Raises:
        UsageError: the output folder is taken, or a limit is asked for that no data can show.
        ModelError, DataError, ToolMissingError: model or data cannot be read.
    """
    from edgeq.converter.sources import source_name
    from edgeq.verbs.sources import load_any

    path = request.model if isinstance(request.model, Path) else None
    out = request.out
    if out is None and path is not None:
        out = default_out(source_name(path), request.board.id)
    if out is not None:
        refuse_existing_folder(out, force=request.force)
    loaded = load_any(request.model, request.environments, progress, request.signature)
    graph = declared(loaded.graph, request.calibration.preprocessing)
    if out is None:
        out = default_out(graph.name, request.board.id)
        refuse_existing_folder(out, force=request.force)
    progress.stage("read", f"{graph.name}, {len(graph.operators)} operators")
    given = given_data(request.evaluation, graph)
    refuse_impossible(request.thresholds, given)
    return _Read(loaded.model, graph, out, given)


def _quantized(
    request: DeployRequest, read: _Read, runtimes: tuple[Runtime, ...], progress: Progress
) -> Quantized:
    from edgeq.judge.float_model import no_float_model

    if all(runtime.takes_as_it_is(read.graph) for runtime in runtimes):
        progress.stage("convert", "skipped: the model is quantized already")
        quantized = Quantized(read.model, read.graph, findings=no_float_model(read.graph))
    else:
        quantized = quantize(read.model, read.graph, request.calibration, progress, _labelled(read))
    if read.given is None or not read.given.preprocessing:
        return quantized
    steps = steps_together(quantized.graph.preprocessing, read.given.preprocessing)
    return replace(quantized, graph=quantized.graph.preprocessed(steps))


def _labelled(read: _Read) -> Dataset | None:
    return read.given if read.given is not None and read.given.is_labelled else None


@dataclass(frozen=True)
class _Road:
    """What the stages after the check share, for each runtime."""

    request: DeployRequest
    read: _Read
    quantized: Quantized

    def finish(self, accepted: Accepted, out: Path, progress: Progress) -> Outcome:
        """Make, build and judge, in a folder of its own."""
        from edgeq.judge.page import Run, page
        from edgeq.targets import FLASH_LOG

        artefacts = accepted.make(progress)
        read, quantized = self.read, self.quantized
        file = model_file(quantized.graph)
        with OutputFolder(out, force=self.request.force, progress=progress) as folder:
            write_atomic(folder / file, quantized.model)
            manifest = manifest_bytes(
                "deploy",
                board=self.request.board.id,
                source=source_facts(read.graph.name, read.model),
                model=file_facts(file, quantized.model),
                later=[FLASH_LOG, SERIAL_LOG, f"{SERIAL_LOG}.1"],
                **preprocessing_facts(quantized.graph.preprocessing),
            )
            write_atomic(folder / MANIFEST, manifest)
            artefacts.write(folder)
        with keeping(out, progress):
            runnable = artefacts.build(out, progress)
            outcome = runnable.judge(
                data_for(self.request.evaluation, read.given, runnable.graph),
                floats=float_answers_of(quantized, read.given, progress),
                findings=quantized.findings,
                progress=progress,
            )
            report = outcome.report.with_artefacts(report=out / REPORT, page=out / PAGE)
            report = report.made_by(self.request.command)
            if self.request.comparison is not None:
                report = self.request.comparison.judged(report)
            add_file(out, REPORT, json_bytes(report.to_json()))
            add_file(out, PAGE, page([Run(report.to_json())]))
        return Outcome(report)
