"""Flashing one device: the board's runners in their order, the first that can."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from edgeq.base.errors import DeviceError, ToolMissingError
from edgeq.base.progress import SILENT, Progress
from edgeq.boards import Board
from edgeq.boards.flashing import Drive as DriveRunner
from edgeq.boards.flashing import Runner, Uf2
from edgeq.builder.image import Image
from edgeq.builder.segments import Segment, read_segments
from edgeq.targets.devices import Device
from edgeq.targets.flashing import drives, files
from edgeq.targets.flashing.complaints import Complaint, last_words, understand
from edgeq.targets.flashing.process import Ran, begin_log, note_in_log, run_tool
from edgeq.targets.flashing.runners import BIN, HEX, UF2, boots_itself, fits, tool_of

TIMEOUT = 120.0
"""Seconds that a tool may take."""

_RESET_TIMEOUT = 30.0
_SETTLE = 2.0
"""Seconds in which DAPLink writes FAIL.TXT, if anything is wrong, after a file has come."""


class Flasher:
    """Writes the flash of one device.

    Args:
        board: what it is.
        device: which one; None where the tools are to find the only one.
        log: the file that keeps what the tools say; an earlier one is replaced.
        only: the name of the one runner to use; empty for the board's order.
        timeout: seconds that a tool may take.
        progress: hears which tool is used, and why not another.

    Raises:
        DeviceError: none of the board's runners is for such a device.
    """

    def __init__(
        self,
        board: Board,
        device: Device | None,
        log: Path,
        *,
        only: str = "",
        timeout: float = TIMEOUT,
        progress: Progress = SILENT,
    ) -> None:
        self.board, self.device = board, device
        self._log, self._timeout, self._progress = log, timeout, progress
        own = [runner for runner in board.flashing if runner.runner == only]
        if only and not own:
            names = ", ".join(runner.runner for runner in board.flashing)
            progress.note(f"the hardware map names the runner {only}; {board.id} has {names}")
        self._runners = [runner for runner in own or board.flashing if fits(runner, device)]
        if not self._runners:
            names = ", ".join(runner.runner for runner in board.flashing)
            raise DeviceError(
                f"the device {device} is for none of the tools that flash {board.id}: {names}",
                "choose another --device (edgeq devices list), or plug the board in by its own probe",
            )
        self._used: Runner | None = None
        self._folder: Path | None = None
        self._start = 0

    @property
    def used(self) -> str:
        """The name of the runner that wrote the flash; empty before."""
        return self._used.runner if self._used is not None else ""

    @property
    def boots_itself(self) -> bool:
        """Whether a bootloader is flashed, so that the device is not the one with the console."""
        return boots_itself(self._used or self._runners[0])

    @property
    def leaves_usb(self) -> bool:
        """Whether the probe itself may have gone and come again, its serial port with it."""
        return isinstance(self._used, DriveRunner)

    def write(self, image: Image) -> None:
        """Write and verify; the firmware starts at the latest with :meth:`reset`.

        Raises:
            ToolMissingError: none of the tools is installed, or knows the chip.
            DeviceError: it failed, or took too long; the message has the tool's own words.
        """
        begin_log(self._log)
        segments = read_segments(image.elf, self.board)
        self._start = segments[0].address
        refused: list[tuple[Runner, str, str]] = []
        with tempfile.TemporaryDirectory(prefix="edgeq-flash-") as folder:
            self._folder = Path(folder)
            for runner in self._runners:
                unable = self._try(runner, image, segments)
                if unable is None:
                    self._used = runner
                    return
                self._progress.note(unable[0])
                note_in_log(self._log, unable[0])
                refused.append((runner, *unable))
        raise ToolMissingError(
            f"no tool here can flash {self.board.id}: " + "; ".join(why for _, why, _ in refused),
            "any one of them is enough: "
            + "; ".join(f"{runner.runner}: {command}" for runner, _, command in refused),
        )

    def _try(self, runner: Runner, image: Image, segments: tuple[Segment, ...]) -> tuple[str, str] | None:
        """Write by one runner; why it cannot, and the remedy, where another may."""
        tool = tool_of(runner)
        if tool is None:
            self._copy(runner, segments)
            return None
        command = tool.command()
        if command is None:
            return f"{tool.program} is not installed", tool.install
        self._progress.stage("flash", f"{self.device or self.board.id} by {runner.runner}")
        contents = {HEX: files.intel_hex, BIN: files.plain}
        make = contents.get(tool.form)
        self.write_file(tool.form, image.elf.read_bytes() if make is None else make(segments))
        ran = self._run([*command, *tool.write(runner, self)], self._timeout)
        failure = _failure(ran)
        if failure is None:
            return None
        if failure.elsewhere:
            said = f"{runner.runner}: {failure.cause} ({last_words(ran.said)})"
            return said, _remedy(runner, failure)
        raise self._error(runner.runner, ran, failure, self._timeout)

    def _copy(self, runner: Runner, segments: tuple[Segment, ...]) -> None:
        assert isinstance(runner, Uf2 | DriveRunner)  # noqa: S101 - the only runners without a program
        drive = drives.find_drive(runner, self.device)
        note_in_log(self._log, f"{runner.runner}: copying to {drive.label} at {drive.path}")
        self._progress.stage("flash", f"{drive.label} at {drive.path}, by copying")
        if isinstance(runner, Uf2):
            drives.copy_to(drive.path, UF2, files.uf2(segments, runner.family), may_go=True)
            went = drives.wait_until_gone(drive.path)
            note_in_log(self._log, "the drive went, as it should" if went else "the drive stays")
            return
        drives.copy_to(drive.path, HEX, files.intel_hex(segments))
        end = time.monotonic() + _SETTLE
        while time.monotonic() < end:
            words = drives.complaint(drive.path)
            if words is not None:
                note_in_log(self._log, f"FAIL.TXT: {words}")
                raise DeviceError(
                    f"the probe at {drive.path} refused the firmware: {words}",
                    "its file FAIL.TXT says more; a newer firmware of the probe may help",
                )
            time.sleep(0.1)

    def reset(self) -> None:
        """Start the firmware anew, where writing did not; without effect where only a bootloader could.

        Raises:
            DeviceError: it failed.
        """
        runner = self._used or self._runners[0]
        tool = tool_of(runner)
        command = tool.command() if tool is not None else None
        if tool is None or tool.reset is None or command is None:
            return
        with tempfile.TemporaryDirectory(prefix="edgeq-flash-") as folder:
            self._folder = Path(folder)
            ran = self._run([*command, *tool.reset(runner, self)], _RESET_TIMEOUT)
        failure = _failure(ran)
        if failure is not None:
            raise self._error(runner.runner, ran, failure, _RESET_TIMEOUT, doing="reset")

    @property
    def start(self) -> int:
        """The first address of the firmware."""
        return self._start

    def write_file(self, name: str, data: bytes) -> str:
        """Put a file into the folder that the tool works in."""
        assert self._folder is not None  # noqa: S101 - only while a tool runs
        (self._folder / name).write_bytes(data)
        return name

    def _run(self, arguments: list[str], timeout: float) -> Ran:
        assert self._folder is not None  # noqa: S101 - only while a tool runs
        return run_tool(arguments, self._folder, self._log, timeout)

    def _error(
        self, name: str, ran: Ran, failure: Complaint, timeout: float, doing: str = "flash"
    ) -> DeviceError:
        log = f"all that it said is in {self._log}"
        if ran.code is None:
            return DeviceError(
                f"{name} could not {doing} {self.board.id}: it was stopped after {timeout:g} s",
                f"unplug the board and plug it in again, and close what else uses the probe; {log}",
            )
        words = last_words(ran.said)
        said = f"; it says: {words}" if words else ""
        return DeviceError(
            f"{name} could not {doing} {self.board.id}: {failure.cause}{said}", f"{failure.remedy}; {log}"
        )


def _failure(ran: Ran) -> Complaint | None:
    """Why a tool failed; None where it did not."""
    if ran.code == 0:
        return None
    how = "it took too long" if ran.code is None else f"it ended with code {ran.code}"
    return understand(ran.said) or Complaint(how, "look at what it said")


def _remedy(runner: Runner, failure: Complaint) -> str:
    target = getattr(runner, "target", None)
    return f"pyocd pack install {target}" if target is not None else failure.remedy
