"""What a board file may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, create_model, model_validator

from edgeq.boards.cores import CORES, NATIVE, Core, Fpu, Variant
from edgeq.boards.flashing import AnyRunner
from edgeq.boards.simulators import SIMULATORS
from edgeq.boards.strict import OneOf, Strict, UsbId
from edgeq.boards.timing import Timing
from edgeq.boards.timing.tables import SMALL_MULTIPLIER
from edgeq.boards.timing.thumb import Kind

_FPUS: Mapping[str, Fpu] = {fpu.name: fpu for core in CORES.values() for fpu in core.fpus}


class Cpu(Strict):
    """The processor: what the compiler is told about it, and nothing else decides.

    Attributes:
        core: the core's name as ARM writes it in lower case, or ``"native"`` for the host.
        fpu: the FPU's name as GCC's ``-mfpu`` has it; None without one.
        float_abi: ``"hard"`` exactly where there is an FPU.
    """

    core: Annotated[str, OneOf(CORES)]
    fpu: Annotated[str, OneOf(_FPUS)] | None = None
    float_abi: Literal["soft", "hard"] = "soft"

    @model_validator(mode="after")
    def _fits(self) -> Cpu:
        allowed = [fpu.name for fpu in CORES[self.core].fpus]
        if self.fpu is not None and self.fpu not in allowed:
            have = f"has one of {', '.join(allowed)}" if allowed else "has no FPU"
            raise ValueError(f"fpu {self.fpu!r} does not go with core {self.core!r}, which {have}")
        if (self.fpu is not None) != (self.float_abi == "hard"):
            raise ValueError('float_abi is "hard" exactly where there is an fpu')
        return self


class Region(Strict):
    """A region of memory: first address and size, in bytes."""

    address: int = Field(ge=0, lt=1 << 32)
    size: int = Field(gt=0, lt=1 << 32)

    @model_validator(mode="after")
    def _fits(self) -> Region:
        if self.address % 1024 or self.size % 1024:
            raise ValueError("address and size are multiples of 1024")
        if self.address + self.size > 1 << 32:
            raise ValueError("the region ends beyond 4 GB")
        return self

    @property
    def end(self) -> int:
        """The first address after it."""
        return self.address + self.size


_STM32_PIN = re.compile(r"P([A-K])(1[0-5]|\d)")
_NORDIC_PIN = re.compile(r"P([01])\.([0-2]\d|3[01])")
_RP_PIN = re.compile(r"GP([0-4]?\d)")
_PIN = "|".join(pattern.pattern.replace("(", "(?:") for pattern in (_STM32_PIN, _NORDIC_PIN, _RP_PIN))

PinName = Annotated[str, Field(pattern=f"^(?:{_PIN})$")]


@dataclass(frozen=True)
class Pin:
    """A pin of the chip: which of its GPIO ports, and which pin there; both from 0."""

    port: int
    number: int


def pin(name: str) -> Pin:
    """``"PG7"`` (ST), ``"P1.03"`` (Nordic) or ``"GP0"`` (Raspberry Pi) as numbers.

    Raises:
        ValueError: it is none of these.
    """
    if match := _STM32_PIN.fullmatch(name):
        return Pin(ord(match[1]) - ord("A"), int(match[2]))
    if match := _NORDIC_PIN.fullmatch(name):
        return Pin(int(match[1]), int(match[2]))
    if match := _RP_PIN.fullmatch(name):
        return Pin(0, int(match[1]))
    raise ValueError(f"{name!r} is no pin")


class Console(Strict):
    """The serial port that the firmware speaks on.

    Attributes:
        baud: bits per second, 8N1.
        uart: the peripheral, as the chip's reference manual names it; one of the port's ``uarts``.
        tx, rx: the pins, where the chip has a choice.
        alternate: the number of the pins' alternate function, where they have one.
    """

    baud: int = Field(default=115200, ge=300, le=12_000_000)
    uart: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9]*$")
    tx: PinName | None = None
    rx: PinName | None = None
    alternate: int | None = Field(default=None, ge=0, le=15)

    @model_validator(mode="after")
    def _fits(self) -> Console:
        if (self.tx is None) != (self.rx is None):
            raise ValueError("tx and rx go together")
        return self


class Clock(Strict):
    """The clock that the port sets.

    Attributes:
        hz: the core's, in Hz.
        source: what it is made from: the chip's own oscillator, a crystal, or a clock signal from outside.
        source_hz: the frequency of a crystal or of the signal.
    """

    hz: int = Field(gt=0)
    source: Literal["internal", "crystal", "external"] = "internal"
    source_hz: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _fits(self) -> Clock:
        if (self.source == "internal") != (self.source_hz is None):
            raise ValueError(
                'source_hz goes with the sources "crystal" and "external", and not with "internal"'
            )
        return self


class ChipTiming(Strict):
    """What the chip adds to its core's timings; estimates of cycles ask for it, and nothing else.

    Attributes:
        multiplier: how MULS was built where Arm leaves it open (ARMv6-M): in one cycle, or smaller, in 32.
        wait_states: cycles that flash takes longer for each line of code at the core's clock, without caches
            and prefetching.
        line: bytes that flash gives at once, a power of two.
    """

    multiplier: Literal["fast", "small"] = "fast"
    wait_states: int = Field(default=0, ge=0, le=63)
    line: Literal[2, 4, 8, 16, 32, 64] = 4


class _Plain(Strict):
    """A board without the tables of simulators, which each of these has in a file of its own."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    name: str = Field(min_length=1)
    kind: Literal["simulated", "host", "hardware", "accelerator"]
    port: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    simulator: Annotated[str, OneOf(SIMULATORS)] | None = None
    sdk: Literal["coralmicro"] | None = None
    chip: str | None = Field(default=None, min_length=1)
    stack: int = Field(default=0, ge=0, multiple_of=8)
    usb: tuple[UsbId, ...] = Field(default=(), strict=False)
    zephyr: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9_/@.]*$")
    cpu: Cpu
    clock: Clock | None = None
    flash: Region | None = None
    ram: Region | None = None
    console: Console = Console()
    timing: ChipTiming = ChipTiming()


if TYPE_CHECKING:
    _Simulated = _Plain
else:
    _tables: dict[str, Any] = {
        name: (kind | None, None) for name, kind in SIMULATORS.items() if kind.has_table
    }
    _Simulated = create_model("_Simulated", __base__=_Plain, **_tables)


class Board(_Simulated):
    """One board.

    Attributes:
        id: what the user types after ``--board``; the name of its folder.
        name: what a person calls it.
        kind: ``"simulated"``, ``"host"`` (a native process), ``"hardware"``, or ``"accelerator"`` (a device
            beside a host's processor, which runs a compiled model and no firmware).
        flash, ram: None for hosts, accelerators and where an SDK lays out memory.
        stack: bytes reserved for the stack; 0 likewise.
        chip: the microcontroller, as its maker writes it.
        clock: None where time is not the board's own.
        timing: what the chip adds to its core's timings.
        port: the family under ``firmware_templates/ports``.
        sdk: the vendor's SDK that builds for it: edgeq makes a project for that, and builds nothing itself.
        simulator: what runs the firmware of a simulated board.
        qemu, renode, …: how a simulator runs it, by its name (``Qemu.of(board)``); hardware may have these.
        usb: ids of the board's probe and serial port.
        zephyr: what Zephyr calls it, for hardware maps.
        flashing: the tools that write its flash, the best first.
    """

    flashing: tuple[AnyRunner, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _fits(self) -> Board:
        host = self.kind in ("host", "accelerator")
        if host != (self.cpu.core == NATIVE):
            raise ValueError('core "native" goes with the kinds "host" and "accelerator", and with no other')
        if host and (self.flash or self.ram or self.stack):
            raise ValueError("a host has no flash, ram or stack of its own")
        if self.kind == "simulated" and self.simulator is None:
            raise ValueError("a simulated board names its simulator")
        if self.simulator is not None and not self._runs_in(self.simulator):
            raise ValueError(f"simulator {self.simulator!r} wants a table [{self.simulator}]")
        if self.flashing and self.kind != "hardware":
            raise ValueError("flashing is for hardware")
        if self.sdk is not None and (self.kind != "hardware" or self.flash or self.ram or self.stack):
            raise ValueError("an sdk is for hardware, and lays out its flash, ram and stack itself")
        if self.timing.multiplier != "fast" and (host or self.core.long_multiply):
            raise ValueError(f"core {self.cpu.core!r} has one multiplier, and no choice of it")
        if not host and self.sdk is None:
            if self.flash is None or self.ram is None:
                raise ValueError("flash and ram are missing")
            if self.flash.address < self.ram.end and self.ram.address < self.flash.end:
                raise ValueError("flash and ram overlap")
            if not 512 <= self.stack <= self.ram.size:
                raise ValueError("stack is at least 512 bytes and at most the ram")
        return self

    @property
    def core(self) -> Core:
        """The core's row."""
        return CORES[self.cpu.core]

    @property
    def variant(self) -> Variant:
        """The core with this board's FPU. Raises KeyError for a host."""
        return self.core.variant(self.cpu.fpu)

    @property
    def instruction_timing(self) -> Timing | None:
        """How long instructions take on this board; None where nobody knows it."""
        timing, chip = self.core.timing, self.timing
        if timing is None:
            return None
        if chip.multiplier == "small":
            timing = replace(timing, cycles={**timing.cycles, Kind.MULTIPLY: SMALL_MULTIPLIER})
        return replace(timing, wait_states=chip.wait_states, line=chip.line)

    @property
    def has_dsp(self) -> bool:
        """Whether the core has the DSP extension (SIMD on 8 and 16 bits)."""
        return self.core.dsp

    def _runs_in(self, simulator: str) -> bool:
        """Whether it has what that one needs."""
        kind = SIMULATORS[simulator]
        return kind.of(self) is not None if kind.has_table else simulator == self.simulator

    @property
    def simulators(self) -> tuple[str, ...]:
        """What can run its firmware here, the usual one first."""
        able = [name for name in SIMULATORS if self._runs_in(name)]
        return tuple(sorted(able, key=lambda name: name != self.simulator))

    @property
    def is_host(self) -> bool:
        """Whether what runs there is compiled for a host's own processor."""
        return self.cpu.core == NATIVE

    @property
    def is_accelerator(self) -> bool:
        """Whether it runs a compiled model beside a host, and no firmware."""
        return self.kind == "accelerator"
