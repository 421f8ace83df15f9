"""``deploy``: the stages in order, typed values passed on.

Everything up to the check happens in memory. Then the output folder appears, with the int8 model in it, and
each later artefact is added when it is whole; a stage that fails leaves what the stages before it finished.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from edgeq import __version__
from edgeq.base.errors import EdgeqError, UsageError
from edgeq.base.files import write_atomic
from edgeq.base.folders import OutputFolder, add_file, holding, refuse_existing_folder
from edgeq.base.ownership import MANIFEST
from edgeq.base.progress import SILENT, Progress
from edgeq.graph import Graph, load_model, model_hash
from edgeq.judge.trial import Trial, data_for, given_data, refuse_impossible, refuse_place
from edgeq.verbs.convert import Calibration, Quantized, float_accuracy_of, quantize
from edgeq.verbs.runtimes import NO_TFLM, TflmChoice, make_project

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.builder import Image
    from edgeq.checker import Checked
    from edgeq.data import Dataset
    from edgeq.judge.report import Report, Thresholds
    from edgeq.targets import Place

Toolchain = Literal["auto", "zig", "gcc"]

INT8_MODEL = "model_int8.tflite"
PROJECT = "project"
REPORT = "report.json"
SERIAL_LOG = "serial.log"


@dataclass(frozen=True)
class Request:
    """Everything that ``deploy`` is told.

    Attributes:
        model: the .tflite file's bytes.
        graph: what was read from them.
        board: for which board.
        out: the output folder.
        force: replace an earlier output folder of edgeq's.
        place: where the firmware runs; None for the board's simulator.
        runtime: what runs the model there (``edgeq.verbs.runtimes``).
        tflm: where TensorFlow Lite Micro is, for that runtime.
    """

    model: bytes
    graph: Graph
    board: Board
    out: Path
    calibration: Calibration
    test: Trial
    thresholds: Thresholds
    force: bool = False
    toolchain: Toolchain = "auto"
    place: Place | None = None
    runtime: str = "aot"
    tflm: TflmChoice = NO_TFLM


def default_out(name: str, board_id: str) -> Path:
    """Where ``deploy`` writes unless told otherwise: ``<model>-<board>`` in the working folder."""
    return Path(f"{name}-{board_id}")


def deploy(request: Request, progress: Progress = SILENT) -> Report:
    """Take a model to a board and judge it there.

    Returns:
        The report, which is also in the output folder as ``report.json``; its verdict may be ``"fail"``.

    Raises:
        EdgeqError: a stage failed; the hint says where the finished artefacts are.
    """
    with holding(request.out):
        refuse_existing_folder(request.out, force=request.force)
        progress.stage("read", f"{request.graph.name}, {len(request.graph.operators)} operators")
        data = given_data(request.test, request.graph)
        refuse_impossible(request.thresholds, data)
        refuse_place(request.thresholds, request.board, request.place)
        quantized = quantize(request.model, request.graph, request.calibration, progress)
        checked = check_int8(quantized, progress, request.runtime)
        return make_and_judge(request, quantized, checked, data, progress)


def check_int8(quantized: Quantized, progress: Progress = SILENT, runtime: str = "aot") -> Checked:
    """Pass the strict check for a runtime.

    Raises:
        CheckFailed: with its findings.
    """
    from edgeq.checker import check

    progress.stage("check", "strict int8, static shapes, operators")
    return check(quantized.model, name=quantized.graph.name, runtime=runtime)


def make_and_judge(
    request: Request, quantized: Quantized, checked: Checked, given: Dataset | None, progress: Progress
) -> Report:
    """The stages after the check.

    Raises:
        EdgeqError: as :func:`deploy`.
    """
    from edgeq.builder import build
    from edgeq.verbs.run import judge_image

    project = make_project(checked, request.board, request.tflm, progress)
    out = request.out
    with OutputFolder(out, force=request.force, progress=progress) as folder:
        write_atomic(folder / INT8_MODEL, checked.model)
        write_atomic(folder / MANIFEST, _manifest(request, checked))
        project.write(folder / PROJECT)
    with keeping(out, progress):
        progress.stage("build")
        image = build(
            out / PROJECT,
            toolchain=request.toolchain,
            tflm_dir=request.tflm.folder,
            force=request.force,
            progress=progress,
        )
        report = judge_image(
            checked,
            image,
            data_for(request.test, given, checked),
            request.thresholds,
            serial_log=out / SERIAL_LOG,
            place=request.place,
            accuracy_float=float_accuracy_of(quantized, given, progress),
            findings=quantized.findings,
            progress=progress,
        )
        report = report.with_artefacts(
            model=out / INT8_MODEL,
            project=out / PROJECT,
            firmware=out / PROJECT / image.elf.relative_to(image.project),
            serial_log=out / SERIAL_LOG,
            report=out / REPORT,
        )
        add_file(out, REPORT, json_bytes(report.to_json()))
    return report


def run_project(
    image: Image,
    *,
    test: Trial,
    thresholds: Thresholds,
    place: Place | None = None,
    progress: Progress = SILENT,
) -> Report:
    """Judge firmware that is built already; the oracle runs the project's own ``model.tflite``.

    What the device said is kept in the project's ``serial.log``.

    Raises:
        EdgeqError: as :func:`deploy`; UsageError when the project's model is not the one that was built.
    """
    from edgeq.checker import check
    from edgeq.verbs.run import judge_image

    path = image.project / "model.tflite"
    model, graph = load_model(path)
    if model_hash(model) != image.model_sha256:
        raise UsageError(
            f"{path} is not the model that the firmware was built from",
            f"generate and build the project again, or restore {path.name}",
        )
    given = given_data(test, graph)
    refuse_impossible(thresholds, given)
    refuse_place(thresholds, image.board, place)
    progress.stage("check", "strict int8, static shapes, operators")
    manifest = json.loads((image.project / MANIFEST).read_bytes())
    checked = check(model, name=_name_in(manifest) or graph.name, runtime=manifest.get("runtime", "aot"))
    return judge_image(
        checked,
        image,
        data_for(test, given, checked),
        thresholds,
        serial_log=image.project / SERIAL_LOG,
        place=place,
        progress=progress,
    )


def _name_in(manifest: dict[str, Any]) -> str | None:
    """The model's name: in the project its file is called model.tflite."""
    name = manifest.get("model", {}).get("name")
    return name if isinstance(name, str) else None


@contextmanager
def keeping(out: Path, progress: Progress) -> Iterator[None]:
    """Tell, when a stage fails or is interrupted, where the artefacts of the stages before it are."""
    where = f"what the earlier stages made is kept in {out}"
    try:
        yield
    except EdgeqError as error:
        error.hint = f"{error.hint}; {where}" if error.hint else where
        raise
    except BaseException:
        progress.note(where)
        raise


def _manifest(request: Request, checked: Checked) -> bytes:
    from edgeq.targets import FLASH_LOG

    return json_bytes(
        {
            "schema_version": 1,
            "tool": f"edgeq {__version__}",
            "stage": "deploy",
            "board": request.board.id,
            "source": {"name": request.graph.name, "sha256": model_hash(request.model)},
            "model": {"file": INT8_MODEL, "sha256": checked.sha256, "bytes": len(checked.model)},
            "later": [FLASH_LOG, SERIAL_LOG],
        }
    )


def json_bytes(value: object) -> bytes:
    """A JSON file's content."""
    return (json.dumps(value, indent=2, allow_nan=False) + "\n").encode()
