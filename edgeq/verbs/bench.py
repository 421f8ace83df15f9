"""``bench``: a folder of models on every core, by both compilers, beside what others' code takes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from edgeq.backends.project.budget import Optimize
from edgeq.base.errors import ToolMissingError, UsageError
from edgeq.base.progress import SILENT, Progress

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.judge.bench import Peer, Row

SHARED = "EDGEQ_SHARED"
"""The variable that names the folder with ``models/mlperf_tiny`` in it."""

_SUFFIX = "_int8.tflite"
_USUAL = ("ad", "kws", "vww", "ic")
_SAMPLES = 5
_USUALLY: tuple[Optimize, ...] = ("auto",)
_FOR_RAM: tuple[Optimize, ...] = ("speed", "size", "ram")

Compiler = Literal["zig", "gcc"]


@dataclass(frozen=True)
class BenchRequest:
    """Everything that ``bench`` is told.

    Attributes:
        models: the folder; None for MLPerf Tiny's models in EDGEQ_SHARED.
        boards: on which boards; none for a simulated board of each core.
        toolchains: by which compilers.
        ram: whether the least RAM is compared with the fastest kernels, and those of the least flash.
    """

    models: Path | None = None
    boards: tuple[Board, ...] = ()
    toolchains: tuple[Compiler, ...] = ("zig", "gcc")
    ram: bool = False


@dataclass(frozen=True, eq=False)
class Bench:
    """What was measured.

    Attributes:
        rows: by board, then model, then compiler.
        peers: those that know of one of these cores and models.
    """

    rows: tuple[Row, ...]
    peers: tuple[Peer, ...]

    @property
    def is_exact(self) -> bool:
        """Whether every output of every row equals the oracle's."""
        return all(row.is_exact for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "schema_version": 1,
            "rows": [asdict(row) for row in self.rows],
            "peers": [peer.model_dump() for peer in self.peers],
        }


def bench(request: BenchRequest, progress: Progress = SILENT) -> Bench:
    """Deploy every model of a folder to every board by every compiler; nothing is kept.

    A compiler or a simulator that is not installed is told in the rows that would need it.

    Raises:
        UsageError: there is no folder of models.
        EdgeqError: a model is not one that the runtime takes, or does not build.
    """
    from edgeq.boards.catalogue import simulated_boards
    from edgeq.judge.bench import peers

    found = models_in(request.models)
    boards = request.boards or tuple(simulated_boards().values())
    rows = [
        _row(model, board, toolchain, optimize, progress)
        for board in boards
        for model in found
        for toolchain in request.toolchains
        for optimize in (_FOR_RAM if request.ram else _USUALLY)
    ]
    cores = {board.cpu.core for board in boards}
    beside = (peer for peer in peers() if peer.core in cores and any(peer.knows(_name(one)) for one in found))
    return Bench(tuple(rows), tuple(beside))


def models_in(folder: Path | None) -> tuple[Path, ...]:
    """The int8 models of a folder: ``<name>_int8.tflite``, those of MLPerf Tiny in their usual order.

    Raises:
        UsageError: there is no such folder, or none of these is in it.
    """
    if folder is None:
        shared = os.environ.get(SHARED)
        if not shared:
            raise UsageError(
                "no folder of models is given", f"give --models DIR, or have MLPerf Tiny's below {SHARED}"
            )
        folder = Path(shared) / "models" / "mlperf_tiny"
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", f"give one with NAME{_SUFFIX} files in it")
    found = sorted(folder.glob(f"*{_SUFFIX}"))
    if not found:
        raise UsageError(f"{folder} holds no model", f"let the int8 models' names end in {_SUFFIX}")
    order = {name: place for place, name in enumerate(_USUAL)}
    return tuple(sorted(found, key=lambda path: (order.get(_name(path), len(order)), path.name)))


def boards_with(cores: Sequence[str]) -> tuple[Board, ...]:
    """The simulated boards of cores: ``m4`` for Cortex-M4.

    Raises:
        UsageError: no simulated board has such a core.
    """
    from edgeq.boards.catalogue import simulated_boards

    usual = {_short(board): board for board in simulated_boards().values()}
    unknown = [core for core in cores if core not in usual]
    if unknown:
        raise UsageError(f"no simulated board has a core {unknown[0]!r}", f"cores: {', '.join(usual)}")
    return tuple(usual[core] for core in dict.fromkeys(cores))


def _short(board: Board) -> str:
    return board.cpu.core.rpartition("-")[2]


def _name(path: Path) -> str:
    return path.name.removesuffix(_SUFFIX)


def _row(path: Path, board: Board, toolchain: Compiler, optimize: Optimize, progress: Progress) -> Row:
    from edgeq.backends.project.budget import Budget
    from edgeq.judge.bench import Row, row_of
    from edgeq.judge.evaluation import EvaluationData
    from edgeq.verbs.deploy import deploy
    from edgeq.verbs.request import DeployRequest
    from edgeq.verbs.runtimes import Outcome

    name = _name(path)
    progress.stage("bench", f"{name} on {board.id} by {toolchain}")
    samples = next(iter(sorted(path.parent.glob(f"{name}_samples*.npz"))), None)
    with tempfile.TemporaryDirectory(prefix="edgeq-bench-") as folder:
        request = DeployRequest(
            path,
            board,
            out=Path(folder) / "out",
            evaluation=EvaluationData(
                str(samples) if samples else None, limit=_SAMPLES if samples else None, samples=_SAMPLES
            ),
            toolchain=toolchain,
            budget=Budget(optimize),
        )
        try:
            outcome = deploy(request)
        except ToolMissingError as error:
            return Row(name, board.id, board.cpu.core, toolchain, optimize, missing=error.message)
    if not isinstance(outcome, Outcome):  # one runtime has one outcome
        raise TypeError(type(outcome))
    return row_of(outcome.report, name, board.cpu.core, toolchain, optimize)
