"""Which target runs an image."""

from __future__ import annotations

from edgeq.builder.image import Image
from edgeq.errors import DeviceError
from edgeq.targets.host_target import HostTarget
from edgeq.targets.serial_target import SerialTarget
from edgeq.targets.stream import Target
from edgeq.targets.unicorn_target import UnicornTarget


def open_target(image: Image, *, port: str | None = None) -> Target:
    """What runs the image; ``flash`` it and ``open`` its stream.

    Args:
        port: a serial port or pyserial URL: the firmware runs behind it already.

    Raises:
        DeviceError: the board is neither simulated nor the host, and no port is given.
        ToolMissingError: its simulator is not installed.
    """
    if port is not None:
        return SerialTarget(port, image.board.console.baud)
    if image.board.is_host:
        return HostTarget()
    if image.board.simulator == "unicorn":
        return UnicornTarget()
    raise DeviceError(f"{image.board.id} has no simulator", "give its serial port with --port")
