"""Flashing one device: the board's runners in their order, the first that can."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from edgeq.base.errors import DeviceError, ToolMissingError
from edgeq.base.progress import SILENT, Progress
from edgeq.boards import Board
from edgeq.boards.flashing import Copying, Program, Runner
from edgeq.boards.flashing.complaints import Complaint, last_words, understand
from edgeq.builder.image import Image
from edgeq.builder.segments import Segment, read_segments
from edgeq.targets.devices import Device
from edgeq.targets.flashing import drives, files
from edgeq.targets.flashing.process import Ran, begin_log, note_in_log, run_tool

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
        self._runners = [runner for runner in own or board.flashing if runner.fits(device)]
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
        return (self._used or self._runners[0]).boots_itself

    @property
    def leaves_usb(self) -> bool:
        """Whether the probe itself may have gone and come again, its serial port with it."""
        return self._used is not None and self._used.leaves_usb

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
        if isinstance(runner, Copying):
            self._copy(runner, segments)
            return None
        assert isinstance(runner, Program)  # noqa: S101 - there is no third kind
        command = runner.command()
        if command is None:
            return f"{runner.program} is not installed", runner.install
        self._progress.stage("flash", f"{self.device or self.board.id} by {runner.runner}")
        self.write_file(runner.form, files.in_form(runner.form, image.elf, segments))
        ran = self._run([*command, *runner.write(self)], self._timeout)
        failure = _failure(runner, ran)
        if failure is None:
            return None
        if failure.elsewhere:
            said = f"{runner.runner}: {failure.cause} ({last_words(ran.said, runner.all_words())})"
            return said, runner.remedy(failure)
        raise self._error(runner, ran, failure, self._timeout)

    def _copy(self, runner: Copying, segments: tuple[Segment, ...]) -> None:
        drive = drives.find_drive(runner, self.device)
        note_in_log(self._log, f"{runner.runner}: copying to {drive.label} at {drive.path}")
        self._progress.stage("flash", f"{drive.label} at {drive.path}, by copying")
        family = runner.uf2_family
        data = files.intel_hex(segments) if family is None else files.uf2(segments, family)
        drives.copy_to(drive.path, runner.form, data, may_go=bool(runner.goes_with))
        if runner.goes_with:
            went = drives.wait_until_gone(drive.path / runner.goes_with)
            note_in_log(self._log, "the drive went, as it should" if went else "the drive stays")
        if runner.refusal:
            self._watch(drive.path, runner.refusal)

    def _watch(self, drive: Path, name: str) -> None:
        """Whether the drive tells in a file of that name that it refused the firmware. Raises DeviceError."""
        end = time.monotonic() + _SETTLE
        while time.monotonic() < end:
            words = drives.refusal(drive / name)
            if words is not None:
                note_in_log(self._log, f"{name}: {words}")
                raise DeviceError(
                    f"the probe at {drive} refused the firmware: {words}",
                    f"its file {name} says more; a newer firmware of the probe may help",
                )
            time.sleep(0.1)

    def reset(self) -> None:
        """Start the firmware anew, where writing did not; without effect where only a bootloader could.

        Raises:
            DeviceError: it failed.
        """
        runner = self._used or self._runners[0]
        command = runner.command() if isinstance(runner, Program) else None
        if not isinstance(runner, Program) or command is None:
            return
        with tempfile.TemporaryDirectory(prefix="edgeq-flash-") as folder:
            self._folder = Path(folder)
            arguments = runner.reset(self)
            if arguments is None:
                return
            ran = self._run([*command, *arguments], _RESET_TIMEOUT)
        failure = _failure(runner, ran)
        if failure is not None:
            raise self._error(runner, ran, failure, _RESET_TIMEOUT, doing="reset")

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
        self, runner: Runner, ran: Ran, failure: Complaint, timeout: float, doing: str = "flash"
    ) -> DeviceError:
        name = runner.runner
        log = f"all that it said is in {self._log}"
        if ran.code is None:
            return DeviceError(
                f"{name} could not {doing} {self.board.id}: it was stopped after {timeout:g} s",
                f"unplug the board and plug it in again, and close what else uses the probe; {log}",
            )
        words = last_words(ran.said, runner.all_words())
        said = f"; it says: {words}" if words else ""
        return DeviceError(
            f"{name} could not {doing} {self.board.id}: {failure.cause}{said}", f"{failure.remedy}; {log}"
        )


def _failure(runner: Runner, ran: Ran) -> Complaint | None:
    """Why a tool failed; None where it did not."""
    if ran.code == 0:
        return None
    how = "it took too long" if ran.code is None else f"it ended with code {ran.code}"
    return understand(ran.said, runner.all_words()) or Complaint(how, "look at what it said")
