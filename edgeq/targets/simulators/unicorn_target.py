"""A simulated board as a target: the machine in a thread of its own, and what it says of itself."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from edgeq.base.errors import DeviceError, ToolMissingError
from edgeq.base.installed import Installed, package
from edgeq.boards.simulators.unicorn import Unicorn
from edgeq.builder.image import Image
from edgeq.builder.segments import Segment, read_segments
from edgeq.builder.symbols import Symbols, read_symbols
from edgeq.targets.simulators.simulated import SimulatedTarget
from edgeq.targets.simulators.trace import Executed
from edgeq.targets.stream import ByteQueue, QueueStream

if TYPE_CHECKING:
    from edgeq.targets.simulators.unicorn_machine import Fault, Machine

_OLDEST = (2, 1)
_STOP_STEP = 0.02
_BUSY_ENOUGH = 0.2
"""Seconds of work without waiting for input after which a diagnosis speaks of it."""


class UnicornTarget(SimulatedTarget):
    """The board's ELF on Unicorn, booted from its vector table.

    The firmware goes on between ``open`` and ``open``: its state survives a closed stream.

    Raises:
        ToolMissingError: unicorn is not installed.
    """

    tells_what_runs = True

    def __init__(self) -> None:
        try:
            import unicorn  # noqa: F401 - heavy, and optional
        except ImportError as error:
            raise ToolMissingError(
                "the simulator unicorn is not installed", f"install it with: {Unicorn.install}"
            ) from error
        self._received, self._sent = ByteQueue(), ByteQueue()
        self._machine: Machine | None = None
        self._thread: threading.Thread | None = None
        self._image: Image | None = None
        self._segments: tuple[Segment, ...] = ()
        self._symbols = Symbols(())
        self._crash: BaseException | None = None
        self._watched: str | None = None

    @classmethod
    def installed(cls) -> Installed:
        """By the package."""
        return package("unicorn", _OLDEST, Unicorn.install)

    def __enter__(self) -> UnicornTarget:
        return self

    def flash(self, image: Image) -> None:
        """Load the ELF and boot. Raises DeviceError when the file is not there or lies outside of flash."""
        self.close()
        self._segments = read_segments(image.elf, image.board)
        self._symbols = read_symbols(image.elf)
        self._image = image
        self.reset()

    def reset(self) -> None:
        """Boot anew, from power-on."""
        from edgeq.targets.simulators.unicorn_machine import Machine

        if self._image is None:
            raise DeviceError("there is no firmware on the simulated board", "flash an image first")
        self.close()
        self._received.clear()
        self._sent.clear()
        self._crash = None
        watched = self._symbols.range_of(self._watched) if self._watched is not None else range(0)
        machine = Machine(self._image.board, self._segments, self._received, self._sent, watched)
        self._machine = machine
        self._thread = threading.Thread(
            target=self._run, args=(machine,), name="edgeq-simulator", daemon=True
        )
        self._thread.start()

    def _run(self, machine: Machine) -> None:
        try:
            machine.run()
        except BaseException as error:  # shown by diagnosis: nobody else would hear of it
            self._crash = error
        finally:
            self._sent.end()

    def open(self) -> QueueStream:
        """The console: a new stream to the same running firmware."""
        if self._machine is None:
            raise DeviceError("there is no firmware on the simulated board", "flash an image first")
        return QueueStream(self._received.put, self._sent, self._gone)

    def watch(self, function: str) -> None:
        """From the next boot on."""
        self._watched = function

    def executed(self) -> tuple[Executed, ...]:
        """By the blocks that the core entered, and the timings of the board's core."""
        machine, image = self._machine, self._image
        if machine is None or image is None:
            return ()
        timing = image.board.instruction_timing
        return tuple(
            Executed(
                section.entry,
                section.instructions(machine.code),
                None if timing is None else section.cycles(machine.code, timing),
            )
            for section in machine.sections
        )

    def _gone(self) -> DeviceError:
        return DeviceError(
            f"the simulated firmware has stopped: {self.diagnosis() or 'the simulator was closed'}",
            "the build's firmware.map and the function's source show what it was doing",
        )

    def diagnosis(self) -> str | None:
        """The fault, or where the firmware is when it works without asking for input, or None."""
        machine, thread = self._machine, self._thread
        if self._crash is not None:
            return f"the simulator failed: {type(self._crash).__name__}: {self._crash}"
        if machine is None:
            return None
        if machine.fault is not None:
            text = self._describe(machine.fault)
            return text + ("; its fault handler failed, too" if machine.fault_in_handler else "")
        if machine.halted:
            return "the firmware halted itself"
        busy = time.monotonic() - machine.peripheral.busy_since
        if machine.peripheral.idle or busy < _BUSY_ENOUGH or thread is None or not thread.is_alive():
            return None
        place = machine.sample()
        where = "" if place is None else f" in {self._place(place[0])}, called from {self._place(place[1])}"
        return f"the firmware is still busy{where}: it has not asked for input for {busy:.1f} s"

    def _describe(self, fault: Fault) -> str:
        from edgeq.targets.simulators.system_control import NAMES

        name = NAMES.get(fault.exception, f"exception {fault.exception}")
        return f"{name}: {fault.cause}; pc={self._place(fault.pc)}, lr={self._place(fault.lr)}"

    def _place(self, address: int) -> str:
        function = self._symbols.function_at(address)
        return f"0x{address:08x}" + (f" ({function})" if function else "")

    def close(self) -> None:
        """Stop the simulator and wait for its thread."""
        machine, thread = self._machine, self._thread
        self._machine = self._thread = None
        if machine is None or thread is None:
            return
        # A stop may fall between two runs and be lost, so it is repeated until the thread has ended.
        while thread.is_alive():
            machine.stop()
            self._received.end()
            thread.join(_STOP_STEP)
        machine.close()
