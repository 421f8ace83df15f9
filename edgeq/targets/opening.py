"""Which target runs an image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edgeq.boards import Board, Simulator
from edgeq.builder.image import Image
from edgeq.errors import DeviceError, UsageError
from edgeq.targets.host_target import HostTarget
from edgeq.targets.qemu_target import QemuTarget
from edgeq.targets.serial_target import SerialTarget
from edgeq.targets.stream import Target
from edgeq.targets.unicorn_target import UnicornTarget


@dataclass(frozen=True)
class Place:
    """Where the firmware is to run, as the user says.

    Attributes:
        port: a serial port or pyserial URL: the firmware runs behind it already.
        simulator: which one; None for the board's usual one.
    """

    port: str | None = None
    simulator: Simulator | None = None

    def __str__(self) -> str:
        if self.port is not None:
            return f"the device at {self.port}"
        return f"{self.simulator}" if self.simulator else "its usual place"


USUAL_PLACE = Place()
"""Nobody said anything: the board's simulator."""

_SIMULATORS: dict[Simulator, Callable[[], Target]] = {"unicorn": UnicornTarget, "qemu": QemuTarget}


def open_target(image: Image, place: Place = USUAL_PLACE) -> Target:
    """What runs the image; ``flash`` it and ``open`` its stream.

    Raises:
        UsageError: the board has no such simulator.
        DeviceError: the board is neither simulated nor the host, and no port is given.
        ToolMissingError: its simulator is not installed.
    """
    board = image.board
    if place.port is not None:
        if place.simulator is not None:
            raise UsageError(
                f"both a device ({place.port}) and a simulator ({place.simulator}) are asked for",
                "leave out --port or --sim",
            )
        return SerialTarget(place.port, board.console.baud)
    if board.is_host:
        return HostTarget()
    return _SIMULATORS[_simulator(board, place.simulator)]()


def _simulator(board: Board, asked: Simulator | None) -> Simulator:
    if asked is None:
        if board.simulator is None:
            others = f", or simulate it with --sim {board.simulators[0]}" if board.simulators else ""
            raise DeviceError(f"{board.id} is hardware", f"give its serial port with --port{others}")
        return board.simulator
    if asked not in board.simulators:
        known = f"it runs in: {', '.join(board.simulators)}" if board.simulators else "it runs in none"
        raise UsageError(f"{board.id} cannot be simulated with {asked}", known)
    return asked
