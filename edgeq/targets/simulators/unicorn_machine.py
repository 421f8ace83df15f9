"""One Cortex-M on Unicorn: memory, devices, exceptions, counting. Runs in the thread that calls ``run``."""

from __future__ import annotations

import contextlib
import gc
import struct
import threading
from dataclasses import dataclass
from typing import Any

import unicorn
from unicorn import arm_const as arm
from unicorn import unicorn_const as uc

from edgeq.base.errors import DeviceError
from edgeq.boards import Board
from edgeq.builder.segments import Segment
from edgeq.targets.simulators import system_control as scs
from edgeq.targets.simulators.trace import Recorder, Section
from edgeq.targets.simulators.unicorn_peripheral import PERIPHERAL_ADDRESS, Peripheral
from edgeq.targets.stream import ByteQueue

_unicorn: Any = unicorn
"""The binding, whose types are partly missing."""

_PAGE = 0x1000
_NEVER = 0xFFFF_FFFE
"""An address that no code reaches: run until stopped."""
_EXC_RETURN = 0xFFFF_FFF9
_RAM_AT_START = b"\xa5\x5a\xc3\x3c"
_ERASED = b"\xff"
_STACK_REACH = 4096
"""An access that misses RAM from below by less than this, with the stack pointer there, is stack overflow."""

# QEMU's exception numbers, as Unicorn hands them on.
_SWI, _BKPT, _INVSTATE, _UNALIGNED = 2, 7, 18, 22

_ACCESS = {
    uc.UC_MEM_READ_UNMAPPED: ("read", "where there is no memory"),
    uc.UC_MEM_WRITE_UNMAPPED: ("write", "where there is no memory"),
    uc.UC_MEM_FETCH_UNMAPPED: ("jump", "where there is no memory"),
    uc.UC_MEM_WRITE_PROT: ("write", "which is flash"),
    uc.UC_MEM_READ_PROT: ("read", "which cannot be read"),
    uc.UC_MEM_FETCH_PROT: ("jump", "which holds no code"),
}
_FETCHES = (uc.UC_MEM_FETCH_UNMAPPED, uc.UC_MEM_FETCH_PROT)


@dataclass(frozen=True)
class Fault:
    """What went wrong first.

    Attributes:
        exception: the number that the core takes it as.
        cause: in words.
        pc, lr, sp: the registers at the faulting instruction.
    """

    exception: int
    cause: str
    pc: int
    lr: int
    sp: int
    status: int = 0
    address: int | None = None


class Machine:
    """A board: boots from its flash's vector table when ``run`` is called.

    Args:
        board: a simulated board with flash and RAM.
        segments: what is in flash.
        received: bytes for the firmware's console; ``sent``: bytes from it.
        watched: addresses of code at whose blocks a new section of what is counted begins.
    """

    def __init__(
        self,
        board: Board,
        segments: tuple[Segment, ...],
        received: ByteQueue,
        sent: ByteQueue,
        watched: range = range(0),
    ) -> None:
        core = board.core.unicorn
        if board.flash is None or board.ram is None or core is None:
            raise DeviceError(
                f"{board.id} cannot be simulated on Unicorn", "its board file needs flash and ram"
            )
        self._flash, self._ram = board.flash, board.ram
        self.fault: Fault | None = None
        self.fault_in_handler = False
        self.halted = False
        self._pending: Fault | None = None
        self._counting = self._count_wanted = False
        self._recorder = Recorder(watched)
        self._store = self._count = 0
        self.sections: tuple[Section, ...] = ()
        self._block_hook: Any = None
        self._stop = False
        self._pause = threading.Event()
        self._paused = threading.Event()
        self._resume = threading.Event()
        self.system = scs.SystemControl(core.cpuid, board.flash.address, mainline=board.core.mainline)
        self.peripheral = Peripheral(
            memory=self,
            received=received,
            sent=sent,
            on_counter=self._set_counter,
            on_halt=self._halt,
            on_error=self._device_error,
            count=lambda: self._count,
            stopping=lambda: self._stop or self._pause.is_set(),
        )
        self._uc = self._make(getattr(arm, core.model), segments)

    def _make(self, cpu: int, segments: tuple[Segment, ...]) -> Any:
        machine: Any = _unicorn.Uc(uc.UC_ARCH_ARM, uc.UC_MODE_THUMB | uc.UC_MODE_MCLASS)
        machine.ctl_set_cpu_model(cpu)
        for region, rights, fill in (
            (self._flash, uc.UC_PROT_READ | uc.UC_PROT_EXEC, _ERASED),
            (self._ram, uc.UC_PROT_READ | uc.UC_PROT_WRITE, _RAM_AT_START),
        ):
            start, end = region.address // _PAGE * _PAGE, -(-region.end // _PAGE) * _PAGE
            machine.mem_map(start, end - start, rights)
            machine.mem_write(start, fill * ((end - start) // len(fill)))
        for segment in segments:
            machine.mem_write(segment.address, segment.data)
        peripheral, system = self.peripheral, self.system
        machine.mmio_map(
            PERIPHERAL_ADDRESS,
            _PAGE,
            lambda _uc, offset, _size, _data: peripheral.read(offset),
            None,
            lambda _uc, offset, _size, value, _data: peripheral.write(offset, value),
            None,
        )
        machine.mmio_map(
            scs.SCS_ADDRESS,
            _PAGE,
            lambda _uc, offset, _size, _data: system.read(offset),
            None,
            self._system_write,
            None,
        )
        machine.hook_add(uc.UC_HOOK_MEM_INVALID, self._on_invalid_access)
        machine.hook_add(uc.UC_HOOK_INSN_INVALID, self._on_invalid_instruction)
        machine.hook_add(uc.UC_HOOK_INTR, self._on_interrupt)
        return machine

    # Running

    def run(self) -> None:
        """Boot and go on until halted, locked up, or told to stop."""
        pc = self._boot()
        while not self._stop and not self.halted and not self.fault_in_handler:
            if self._pause.is_set():
                self._paused.set()
                self._resume.wait()
                continue
            with contextlib.suppress(_unicorn.UcError):  # the hooks have told what it is
                self._uc.emu_start(pc | 1, _NEVER)
            if self.system.reset_requested:
                self.system.__post_init__()
                self.system.reset_requested = False
                pc = self._boot()
                continue
            if self._pending is not None:
                self._enter(self._pending)
                self._pending = None
            pc = self._uc.reg_read(arm.UC_ARM_REG_PC)
            if self._count_wanted != self._counting:
                self._switch_counter(store=pc)

    def _boot(self) -> int:
        sp, pc = struct.unpack("<II", self._uc.mem_read(self._flash.address, 8))
        self._uc.reg_write(arm.UC_ARM_REG_SP, sp)
        self._uc.reg_write(arm.UC_ARM_REG_LR, 0xFFFF_FFFF)
        return int(pc)

    def stop(self) -> None:
        """Make ``run`` return soon; from any thread, again and again until it has."""
        self._stop = True
        self._resume.set()
        self._uc.emu_stop()

    def close(self) -> None:
        """Give the simulator's memory back, after ``run`` has ended; the machine is of no use then."""
        self._uc = None
        # The binding's callbacks hold each other, and with them a good 100 MB of address space.
        gc.collect()

    def sample(self, timeout: float = 1.0) -> tuple[int, int] | None:
        """PC and LR of the running firmware, which goes on afterwards; None when it cannot be had.

        For another thread than the one that runs.
        """
        self._resume.clear()
        self._paused.clear()
        self._pause.set()
        try:
            for _ in range(int(timeout / 0.02)):
                self._uc.emu_stop()
                if self._paused.wait(0.02):
                    return self._registers()[:2]
            return None
        finally:
            self._pause.clear()
            self._resume.set()

    def _registers(self) -> tuple[int, int, int]:
        read = self._uc.reg_read
        return read(arm.UC_ARM_REG_PC), read(arm.UC_ARM_REG_LR), read(arm.UC_ARM_REG_SP)

    def code(self, start: int, end: int) -> bytes:
        """The code from an address to another."""
        return bytes(self._uc.mem_read(start, end - start))

    # Memory, for the device's block transfers

    def load(self, address: int, n: int) -> bytes | None:
        """``n`` bytes of flash or RAM; None where there is neither."""
        if any(
            region.address <= address and address + n <= region.end for region in (self._ram, self._flash)
        ):
            return bytes(self._uc.mem_read(address, n))
        return None

    def store(self, address: int, data: bytes) -> bool:
        """Write to RAM; False where there is none."""
        if self._ram.address <= address and address + len(data) <= self._ram.end:
            self._uc.mem_write(address, data)
            return True
        return False

    # Faults

    def _system_write(self, _uc: Any, offset: int, _size: int, value: int, _data: Any) -> None:
        self.system.write(offset, value)
        if self.system.reset_requested:
            self._uc.emu_stop()

    def _halt(self) -> None:
        self.halted = True
        self._uc.emu_stop()

    def _device_error(self, text: str) -> None:
        self._raise(scs.BUS_FAULT, f"{text}, where there is no memory", scs.PRECISERR_WITH_ADDRESS)

    def _on_invalid_access(
        self, _uc: Any, access: int, address: int, size: int, _value: int, _data: Any
    ) -> bool:
        verb, what = _ACCESS[access]
        if access == uc.UC_MEM_FETCH_PROT:
            exception, status, at = scs.MEM_MANAGE, scs.IACCVIOL, None
        elif access == uc.UC_MEM_FETCH_UNMAPPED:
            exception, status, at = scs.BUS_FAULT, scs.IBUSERR, None
        else:
            exception, status, at = scs.BUS_FAULT, scs.PRECISERR_WITH_ADDRESS, address
        if access in _FETCHES:
            cause = f"{verb} to 0x{address:08x}, {what}"
        else:
            cause = f"{verb} of {size} byte{'s' * (size != 1)} at 0x{address:08x}, {what}"
            if self._is_below_stack(address):
                cause = f"stack overflow ({cause})"
        self._raise(exception, cause, status, at)
        return False

    def _is_below_stack(self, address: int) -> bool:
        """Whether an access missed RAM from below, with the stack pointer near there."""
        bottom, sp = self._ram.address, self._registers()[2]
        return bottom - _STACK_REACH <= address < bottom and abs(sp - bottom) < _STACK_REACH

    def _on_invalid_instruction(self, _uc: Any, _data: Any) -> bool:
        self._raise(scs.USAGE_FAULT, "undefined instruction", scs.UNDEFINSTR)
        return False

    def _on_interrupt(self, _uc: Any, number: int, _data: Any) -> None:
        if number == _SWI:
            self._raise(scs.SVCALL, "SVC instruction, which nothing serves")
        elif number == _INVSTATE:
            self._raise(scs.USAGE_FAULT, "jump to an even address: not Thumb code", scs.INVSTATE)
        elif number == _UNALIGNED:
            self._raise(scs.USAGE_FAULT, "unaligned access", scs.UNALIGNED)
        elif number == _BKPT:
            self._raise(scs.HARD_FAULT, "breakpoint instruction without a debugger")
        else:
            self._raise(scs.HARD_FAULT, f"exception {number} of the simulated core")

    def _raise(self, exception: int, cause: str, status: int = 0, address: int | None = None) -> None:
        if not self.system.mainline and exception != scs.SVCALL:
            exception = scs.HARD_FAULT
        pc, lr, sp = self._registers()
        fault = Fault(exception, cause, pc, lr, sp, status, address)
        if self.fault is None:
            self.fault = fault
        else:
            self.fault_in_handler = True
        self._pending = fault
        self._uc.emu_stop()

    def _enter(self, fault: Fault) -> None:
        """Exception entry as the core does it: push the frame, jump through the vector table."""
        if self.fault_in_handler:
            return
        status = fault.status
        read, write = self._uc.reg_read, self._uc.reg_write
        sp = (fault.sp - 32) & ~7
        general = (
            arm.UC_ARM_REG_R0,
            arm.UC_ARM_REG_R1,
            arm.UC_ARM_REG_R2,
            arm.UC_ARM_REG_R3,
            arm.UC_ARM_REG_R12,
        )
        words = [*(read(register) for register in general), fault.lr, fault.pc, read(arm.UC_ARM_REG_XPSR)]
        if not self.store(sp & 0xFFFF_FFFF, struct.pack("<8I", *words)):
            status |= scs.STKERR
        taken = self.system.take(fault.exception, status, fault.address)
        entry = self.load(self.system.vector(taken), 4)
        if entry is None:
            self.fault_in_handler = True
            return
        write(arm.UC_ARM_REG_SP, sp & 0xFFFF_FFFF)
        write(arm.UC_ARM_REG_LR, _EXC_RETURN)
        write(arm.UC_ARM_REG_IPSR, taken)
        write(arm.UC_ARM_REG_PC, struct.unpack("<I", entry)[0] | 1)

    # Counting

    def _set_counter(self, on: bool) -> None:
        """A store to COUNTER_CONTROL, in the middle of a block.

        Hooks change only while the core is stopped. It stops before the store, so that the store comes a
        second time, which then changes nothing.
        """
        if on != self._counting:
            self._count_wanted = on
            self._uc.emu_stop()

    def _switch_counter(self, store: int) -> None:
        """Begin or end counting; ``store`` is the address of the instruction that asked for it."""
        if self._count_wanted:
            self._store = store
            self._block_hook = self._uc.hook_add(uc.UC_HOOK_BLOCK, self._recorder.begin())
        else:
            self._uc.hook_del(self._block_hook)
            self.sections = self._recorder.end(self._store, store, self.code)
            self._count = sum(section.instructions(self.code) for section in self.sections)
        self._uc.ctl_flush_tb()  # code that is translated already has the old hooks in it
        self._counting = self._count_wanted
