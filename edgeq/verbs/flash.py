"""``flash``: write a built image to a board and start it, without judging it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import UsageError
from edgeq.base.progress import SILENT, Progress
from edgeq.verbs.folders import SERIAL_LOG
from edgeq.verbs.images import at_port
from edgeq.verbs.runtimes.firmware import image_of, refuse_place

if TYPE_CHECKING:
    from edgeq.verbs.request import RunRequest


@dataclass(frozen=True)
class Flashed:
    """What ``flash`` did.

    Attributes:
        board: the board's id.
        device: the probe or board, as a person reads it; None where the tool found the only one.
        runner: the tool that wrote the flash.
        port: the console on which the firmware answered; None where nobody asked it.
        build_hash: of the firmware.
        verified: whether the firmware was asked for that hash.
        log: what the tool said.
    """

    board: str
    device: str | None
    runner: str
    port: str | None
    build_hash: str
    verified: bool
    log: Path

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "board": self.board,
            "device": self.device,
            "runner": self.runner,
            "port": self.port,
            "build_hash": self.build_hash,
            "verified": self.verified,
            "flash_log": str(self.log),
        }


def flash(request: RunRequest, *, verify: bool = True, progress: Progress = SILENT) -> Flashed:
    """Write the firmware of a project to the board that is meant.

    Args:
        request: which project, and where its board is.
        verify: ask the firmware over its console whether it is the image's; else no console is needed.

    Raises:
        UsageError: the board is not flashed by any tool.
        ToolMissingError: none of its tools is installed.
        UsageError: nothing was built in the project.
        DeviceError: flashing failed, or the board runs other firmware afterwards.
    """
    from edgeq.targets import FLASH_LOG, is_flashed
    from edgeq.targets.hardware_target import HardwareTarget
    from edgeq.targets.link import Client, TranscriptStream

    image = image_of(request)
    board, place = image.board, request.place
    refuse_place(request, board)
    if not is_flashed(board, place):
        where = f"runs on {board.simulators[0]}" if board.simulators else "names no tool that does"
        raise UsageError(f"{board.id} is not flashed: it {where}", "run its firmware with edgeq run")
    log, serial_log = image.project / FLASH_LOG, image.project / SERIAL_LOG
    with HardwareTarget(board, place, log, progress) as target:
        if verify:
            target.flash(image)
            progress.stage("verify", f"the build's hash, over {target.port}")
            with (
                TranscriptStream(target.open(), serial_log) as transcript,
                at_port(target.port),
                Client(transcript, log=serial_log, flashed=True) as client,
            ):
                client.handshake(image.model_sha256, image.build_hash)
        else:
            target.write_only(image)
        device = None if target.device is None else str(target.device)
        return Flashed(board.id, device, target.runner, target.port or None, image.build_hash, verify, log)
