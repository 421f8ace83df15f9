"""Which target runs an image."""

from __future__ import annotations

import tempfile
from pathlib import Path

from edgeq.base.errors import DeviceError, UsageError
from edgeq.base.progress import SILENT, Progress
from edgeq.boards import Board
from edgeq.boards.simulators import SIMULATORS
from edgeq.builder.image import Image
from edgeq.targets.farm_target import FarmTarget
from edgeq.targets.hardware_target import HardwareTarget
from edgeq.targets.host_target import HostTarget
from edgeq.targets.place import USUAL_PLACE, Place
from edgeq.targets.serial_target import SerialTarget
from edgeq.targets.simulators import SimulatedTarget, target_of
from edgeq.targets.stream import Target

FLASH_LOG = "flash.log"


def on_hardware(board: Board, place: Place) -> bool:
    """Whether the firmware runs on a real board there, so that its clock is a clock."""
    return board.kind == "hardware" and place.simulator is None


def place_name(board: Board, place: Place) -> str:
    """Where the firmware runs, in a word: a simulator's name, ``"host"``, ``"hardware"`` or ``"port"``."""
    if on_hardware(board, place):
        return "hardware"
    if place.port is not None or place.farm is not None:
        return "port"
    return "host" if board.is_host else place.simulator or board.simulator or ""


def remarks(board: Board, place: Place) -> tuple[str, ...]:
    """What a report has to say of where the firmware ran: a chip that was simulated has kept no time."""
    if (
        board.kind != "hardware"
        or place.port is not None
        or place.farm is not None
        or place.simulator is None
    ):
        return ()
    return (SIMULATORS[place.simulator].remark(board.id),)


def is_flashed(board: Board, place: Place) -> bool:
    """Whether the firmware is written to a real board before it runs."""
    return on_hardware(board, place) and bool(board.flashing) and place.flash


def refuse_unable(board: Board, place: Place) -> None:
    """Refuse a place where the board's firmware can never run, before any work is done for it.

    Raises:
        UsageError: the board has no such simulator, or a device or a place of a farm is asked for, too.
    """
    asked = place.simulator
    if asked is None:
        return
    if place.farm is not None:
        raise UsageError(
            f"both {place.farm} and a simulator ({asked}) are asked for", "leave out --place or --sim"
        )
    if place.port is not None:
        raise UsageError(
            f"both a device ({place.port}) and a simulator ({asked}) are asked for",
            "leave out --port or --sim",
        )
    if asked not in board.simulators:
        known = (
            f"simulators of it: {', '.join(board.simulators)}" if board.simulators else "none simulates it"
        )
        raise UsageError(f"{board.id} cannot be simulated with {asked}", known)


def refuse_absent(board: Board, place: Place, folder: Path) -> None:
    """Refuse a place where nothing is, before any work: what :func:`open_target` and its stream would raise.

    A device's port is opened for a moment; nothing is written.

    Args:
        folder: where the project is to be.

    Raises:
        UsageError: the simulator cannot read that folder.
        DeviceError: no such device or port is there, several are, or it is in use.
        ToolMissingError: the simulator is not installed.
    """
    if place.farm is not None:
        FarmTarget(board, place, folder / FLASH_LOG).look()
        return
    if on_hardware(board, place) and board.flashing:
        with tempfile.TemporaryDirectory(prefix="edgeq-preflight-") as logs:
            target = HardwareTarget(board, place, Path(logs) / FLASH_LOG)
            with target:
                target.look()
        return
    if place.port is not None:
        with SerialTarget(place.port, board.console.baud) as port:
            port.open()
        return
    if not board.is_host:
        simulator = _simulated(board, place)()
        with simulator:
            simulator.refuse_folder(folder)


def open_target(
    image: Image,
    place: Place = USUAL_PLACE,
    *,
    flash_log: Path | None = None,
    progress: Progress = SILENT,
) -> Target:
    """What runs the image; ``flash`` it and ``open`` its stream.

    Args:
        flash_log: the file for what flash tools say; None for ``flash.log`` in the project.
        progress: hears of flashing.

    Raises:
        UsageError: as :func:`refuse_unable`.
        DeviceError: the board is neither simulated nor the host, nor flashed, and no port is given.
        ToolMissingError: its simulator is not installed.
    """
    board = image.board
    refuse_unable(board, place)
    if place.farm is not None:
        return FarmTarget(board, place, flash_log or image.project / FLASH_LOG, progress)
    if on_hardware(board, place) and board.flashing:
        return HardwareTarget(board, place, flash_log or image.project / FLASH_LOG, progress)
    if place.port is not None:
        return SerialTarget(place.port, board.console.baud)
    if board.is_host:
        return HostTarget()
    return _simulated(board, place)()


def _simulated(board: Board, place: Place) -> type[SimulatedTarget]:
    simulator = place.simulator or board.simulator
    if simulator is None:
        others = f", or simulate it with --sim {board.simulators[0]}" if board.simulators else ""
        raise DeviceError(f"{board.id} is hardware", f"give its serial port with --port{others}")
    return target_of(simulator)
