"""``boards fit``: on which boards of the catalogue a model fits, and what an inference would take there."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.backends.project.budget import Budget
from edgeq.base.errors import ToolMissingError
from edgeq.base.progress import SILENT, Progress
from edgeq.boards import Board, list_boards
from edgeq.boards.catalogue import simulated_boards
from edgeq.verbs.request import Toolchain

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.checker import Checked
    from edgeq.judge.profile import Cost

_NETWORK = "src/network/edgeq_network.c"
_ROOM = 1 << 16


@dataclass(frozen=True)
class FitRequest:
    """Everything that ``boards fit`` is told.

    Attributes:
        model: an int8 model's file or bytes.
        signature: which of several models in one file; None for the only one.
        toolchain: which compiler builds the firmware.
        budget: what is wanted of the network, and what memory is the application's.
    """

    model: Path | bytes
    toolchain: Toolchain = "auto"
    budget: Budget = field(default_factory=Budget)
    signature: str | None = None


@dataclass(frozen=True)
class Fit:
    """A board, and the model on it.

    Attributes:
        board: its id.
        kind: as in its file: ``"hardware"`` or ``"simulated"``.
        core: Arm's name.
        flash_size, ram_size: what the board has, in bytes.
        flash, ram: what the linked firmware takes, in bytes; None where it does not fit.
        instructions: of a warm inference, executed by a simulated core of the same kind.
        cycles_estimated: by the core's timings and the board's wait states; None where none are known.
        clock_hz: None for a board without a clock of its own.
        milliseconds_estimated: of an inference, by the estimated cycles and the clock.
        why: why the model does not fit; empty where it does.
    """

    board: str
    kind: str
    core: str
    flash_size: int
    ram_size: int
    flash: int | None = None
    ram: int | None = None
    instructions: int | None = None
    cycles_estimated: int | None = None
    clock_hz: int | None = None
    milliseconds_estimated: float | None = None
    why: str = ""

    @property
    def fits(self) -> bool:
        """Whether the firmware was linked for it."""
        return not self.why


@dataclass(frozen=True)
class Fits:
    """All boards for a model: those that fit first, hardware before simulated boards, smaller ones first.

    Attributes:
        model: its name.
        boards: the rows.
        compilers: those that built the firmware, with versions.
    """

    model: str
    boards: tuple[Fit, ...]
    compilers: tuple[str, ...]

    @property
    def smallest(self) -> Fit | None:
        """The hardware with the least flash and RAM that holds the model; None where none does."""
        return next((fit for fit in self.boards if fit.fits and fit.kind == "hardware"), None)

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        smallest = self.smallest
        return {
            "schema_version": 1,
            "model": self.model,
            "smallest": None if smallest is None else smallest.board,
            "compilers": list(self.compilers),
            "boards": [{**asdict(fit), "fits": fit.fits} for fit in self.boards],
        }


def fit(request: FitRequest, progress: Progress = SILENT) -> Fits:
    """Build the firmware for every board of the catalogue that runs one, and count an inference on each core.

    A core's inference is counted on the simulated board that has it, with the network that the real board's
    memory allows. Nothing is kept.

    Raises:
        CheckFailed: with findings: the model is not strictly int8, or has operators that the runtime lacks.
        ToolMissingError: the compiler is not installed.
        EdgeqError: the model does not build, for another reason than the board's memory.
    """
    from edgeq.backends.aot.generate import RUNTIME
    from edgeq.verbs.runtimes.firmware import check_int8
    from edgeq.verbs.sources import load_tflite

    model, graph = load_tflite(request.model, request.signature)
    checked = check_int8(model, graph.name, RUNTIME, progress)
    boards = [board for board in list_boards() if all(_memory(board))]
    with tempfile.TemporaryDirectory(prefix="edgeq-fit-") as folder:
        trial = _Trial(checked, request, Path(folder))
        rows = []
        for count, board in enumerate(boards, 1):
            progress.stage("fit", f"{board.id} ({count} of {len(boards)})")
            rows.append(trial.row(board))
    return Fits(graph.name, tuple(sorted(rows, key=_order)), tuple(sorted(trial.compilers)))


class _Trial:
    """A model that is built for one board after another; equal networks on equal cores are run once."""

    def __init__(self, checked: Checked, request: FitRequest, folder: Path) -> None:
        self.compilers: set[str] = set()
        self._checked, self._request, self._folder = checked, request, folder
        self._simulated = simulated_boards()
        self._costs: dict[tuple[object, ...], Cost | None] = {}

    def row(self, board: Board) -> Fit:
        """What becomes of the model on one board."""
        clock = None if board.clock is None else board.clock.hz
        flash, ram = _memory(board)
        row = Fit(board.id, board.kind, board.cpu.core, flash, ram, clock_hz=clock)
        budget = self._request.budget
        from edgeq.builder import DoesNotFitError

        try:
            image, network = self._built(board, budget)
        except DoesNotFitError as error:
            return replace(row, why=error.why)
        self.compilers.add(image.toolchain)
        row = replace(row, flash=image.sizes.flash_total, ram=image.sizes.ram_total)
        over = [
            f"{needed:,} bytes of {what}, and {max(left, 0):,} are left"
            for what, needed, left in (
                ("flash", image.sizes.flash_total, flash - budget.reserve_flash),
                ("RAM", image.sizes.ram_total, ram - budget.reserve_ram),
            )
            if needed > left
        ]
        if over:
            return replace(row, why=f"the firmware needs {'; '.join(over)}")
        cost = self._cost(board, network)
        if cost is None:
            return row
        cycles = cost.cycles_estimated
        return replace(
            row,
            instructions=cost.instructions,
            cycles_estimated=cycles,
            milliseconds_estimated=1e3 * cycles / clock if cycles and clock else None,
        )

    def _built(self, board: Board, budget: Budget) -> tuple[Image, bytes]:
        from edgeq.backends.aot.generate import generate
        from edgeq.builder import build

        project = generate(self._checked, board, budget=budget)
        place = self._folder / str(len(list(self._folder.iterdir())))
        project.write(place)
        return build(place, toolchain=self._request.toolchain), project.files[_NETWORK]

    def _cost(self, board: Board, network: bytes) -> Cost | None:
        """Of an inference on the simulated board with this core; None where none can count it here."""
        from edgeq.judge.profile import inference

        usual = self._simulated.get(board.cpu.core)
        if usual is None:
            return None
        key = (board.cpu.core, board.timing, network)
        if key not in self._costs:
            like, budget = _alike(usual, board, self._request.budget)
            try:
                self._costs[key] = inference(self._built(like, budget)[0])
            except ToolMissingError:
                self._costs[key] = None
        return self._costs[key]


def _memory(board: Board) -> tuple[int, int]:
    """Bytes of flash and of RAM; 0 where no firmware of edgeq's is laid out."""
    return board.flash.size if board.flash else 0, board.ram.size if board.ram else 0


def _alike(usual: Board, board: Board, budget: Budget) -> tuple[Board, Budget]:
    """A simulated board with a real one's timing and memory, and room for its port beside the same plan."""
    sizes: dict[str, Any] = {"timing": board.timing, "stack": board.stack}
    for name in ("flash", "ram"):
        own, real = getattr(usual, name), getattr(board, name)
        sizes[name] = own.model_copy(update={"size": real.size + _ROOM})
    more = replace(budget, reserve_ram=budget.reserve_ram + _ROOM, reserve_flash=budget.reserve_flash + _ROOM)
    return usual.model_copy(update=sizes), more


def _order(row: Fit) -> tuple[bool, bool, int, int, str]:
    return not row.fits, row.kind != "hardware", row.flash_size, row.ram_size, row.board
