"""The simulated boards boot real ELFs, count exactly, and say what went wrong."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from unicorn import unicorn_const as uc
from waiting import GUARD, until

from edgeq.base.errors import DeviceError
from edgeq.boards import Region, load_board
from edgeq.builder import Image, build
from edgeq.builder.segments import read_segments
from edgeq.targets import open_target
from edgeq.targets.simulators import system_control as scs
from edgeq.targets.simulators.unicorn_machine import Machine
from edgeq.targets.simulators.unicorn_peripheral import Peripheral
from edgeq.targets.simulators.unicorn_target import UnicornTarget
from edgeq.targets.stream import ByteQueue

from .talking import Probe, ask, booted, read_until

BOARDS = ["sim-m0", "sim-m3", "sim-m4", "sim-m7", "sim-m33"]
HERE = Path(__file__).resolve().parent
running = partial(booted, kind=UnicornTarget)


@pytest.mark.sample(2)
@pytest.mark.parametrize("board", BOARDS)
def test_boots_and_echoes(probe: Probe, board: str) -> None:
    text = bytes(range(0x80, 0x100)) * 40  # longer than the port's buffer
    with running(probe(board)) as (target, stream):
        stream.write(text)
        got = b""
        while len(got) < len(text):
            got += stream.read(4096, 5.0)
        assert got == text
        assert ask(stream, b"m", 3) == [0, 7, 3]
        assert ask(stream, b"m", 3) == [0, 8, 3]
        assert ask(stream, b"f") == [3]
        target.reset()  # from power-on: .data is as it was
        assert read_until(stream, b"hello\n") == b"hello\n"
        assert ask(stream, b"m", 3) == [0, 7, 3]
        assert target.diagnosis() is None


@pytest.mark.sample(2)
@pytest.mark.parametrize("board", BOARDS)
def test_counter_equals_single_stepping(probe: Probe, board: str) -> None:
    image = probe(board)
    with running(image) as (_, stream):
        counted = [ask(stream, command)[0] for command in (b"c", b"C", b"c")]
    assert counted[0] == counted[2]
    assert counted[1] > 20 * counted[0]
    assert counted[0] == stepped(image, b"c")
    assert counted[1] == stepped(image, b"C")


def stepped(image: Image, command: bytes) -> int:
    """The same count by a hook on every instruction."""
    received, sent = ByteQueue(), ByteQueue()
    machine = Machine(image.board, read_segments(image.elf, image.board), received, sent)
    seen = {"on": False, "count": 0}

    def control(on: bool) -> None:
        if not on and seen["on"]:
            machine.halted = True
            machine._uc.emu_stop()
        seen["on"] = on

    skipped_too = range(0)

    def step(_uc: Any, address: int, size: int, _data: Any) -> None:
        """What an IT instruction lets be skipped counts, too, and no hook tells of it."""
        nonlocal skipped_too
        if not seen["on"] or address in skipped_too:
            return
        seen["count"] += 1
        code = bytes(machine._uc.mem_read(address, 20))
        if size == 2 and code[1] == 0xBF and code[0] & 15:
            end = 2
            for _ in range(4 - ((code[0] & -code[0]) & 15).bit_length() + 1):
                end += 4 if code[end + 1] >= 0xE8 else 2
                seen["count"] += 1
            skipped_too = range(address + 2, address + end)

    machine.peripheral.on_counter = control
    machine._uc.hook_add(uc.UC_HOOK_CODE, step)
    received.put(command)
    machine.run()
    return seen["count"] - 1  # without the store that stops


def test_estimated_cycles_are_the_sum_over_single_steps(probe: Probe) -> None:
    """On the core where no instruction's time depends on its neighbours."""
    image = probe("sim-m0")
    timing = image.board.instruction_timing
    assert timing is not None
    with running(image) as (target, stream):
        count = ask(stream, b"C")[0]
        estimated = target.cycles_estimated()
    steps = executed(image, b"C")
    assert len(steps) == count + 2
    cycles = 0
    for (start, code), (following, _) in pairwise(steps[1:]):  # without the store that began it
        cycles += timing.block(code, start, taken=following != start + len(code)) or 0
    assert 1.2 * count < cycles == estimated


def executed(image: Image, command: bytes) -> list[tuple[int, bytes]]:
    """Address and bytes of each instruction from the store that begins counting to the one that ends it."""
    received, sent = ByteQueue(), ByteQueue()
    machine = Machine(image.board, read_segments(image.elf, image.board), received, sent)
    steps: list[tuple[int, bytes]] = []
    seen = {"on": False}

    def control(on: bool) -> None:
        if not on and seen["on"]:
            machine.halted = True
            machine._uc.emu_stop()
        seen["on"] = on

    def step(_uc: Any, address: int, size: int, _data: Any) -> None:
        if not seen["on"]:
            steps.clear()  # until the last before the counter is on, which is the store
        steps.append((address, bytes(machine._uc.mem_read(address, size))))

    machine.peripheral.on_counter = control
    machine._uc.hook_add(uc.UC_HOOK_CODE, step)
    received.put(command)
    machine.run()
    return steps


def test_cycles_are_estimated_where_the_core_has_timings(probe: Probe) -> None:
    for board, timed in (("sim-m3", True), ("sim-m4", True), ("sim-m7", False), ("sim-m33", False)):
        with running(probe(board)) as (target, stream):
            count = ask(stream, b"C")[0]
            cycles = target.cycles_estimated()
        assert (cycles is not None) == timed
        assert cycles is None or 1.1 * count < cycles < 4 * count


@pytest.mark.sample(2)
@pytest.mark.parametrize("board", BOARDS)
def test_stack_high_water(probe: Probe, board: str) -> None:
    with running(probe(board)) as (_, stream):
        size, before = ask(stream, b"s", 2)
        assert size == 4096
        assert 0 < before < 512
        assert ask(stream, b"S") == [55]
        _, after = ask(stream, b"s", 2)
        assert after >= 11 * 64
        assert after < size


# What is sent, the firmware's own name for it, the simulator's words, the function that is named.
FAULTS = [
    ("n", "BusFault", "jump to 0x00000000, where there is no memory", "probe_"),
    ("x", "MemManage", r"jump to 0x2000[0-9a-f]{4}, which holds no code", "probe_"),
    ("w", "BusFault", r"write of 4 bytes at 0x080[0-9a-f]{5}, which is flash", "probe_fault"),
    ("r", "BusFault", "read of 4 bytes at 0x00000010, where there is no memory", "probe_fault"),
    ("u", "UsageFault", "undefined instruction", "probe_fault"),
    ("v", "unexpected-interrupt", "SVC instruction", "probe_fault"),
    ("b", "HardFault", "breakpoint", "probe_fault"),
    ("o", "stack-overflow", r"stack overflow \(write of \d+ bytes at 0x1f", "probe_recurse"),
    ("d", "BusFault", "UART_TX transfer of 4 bytes from 0x00000010", "edgeq_port_write"),
]


@pytest.mark.sample(9)
@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize(("command", "name", "cause", "function"), FAULTS)
def test_faults(probe: Probe, board: str, command: str, name: str, cause: str, function: str) -> None:
    if board == "sim-m0" and name.endswith(("Fault", "MemManage")):
        name = "HardFault"  # the only one that an M0 has
    with running(probe(board)) as (target, stream):
        stream.write(command.encode())
        line = read_until(stream, b"\r\n").decode()
        pattern = rf"e-\[fault {name} pc=0x([0-9a-f]{{8}}) lr=0x([0-9a-f]{{8}}) cfsr=0x[0-9a-f]{{8}}\]\r\n"
        told = re.fullmatch(pattern, line)
        assert told, line
        with pytest.raises(DeviceError, match="has stopped") as error:
            while True:
                stream.read(100, 5.0)
        diagnosis = target.diagnosis()
        assert diagnosis is not None
        assert re.search(cause, diagnosis), diagnosis
        assert f"({function}" in diagnosis, diagnosis
        assert diagnosis in error.value.message
        if command not in "od":  # overflow leaves no frame; a device's error is known to the block only
            assert f"pc=0x{told[1]}" in diagnosis
            assert f"lr=0x{told[2]}" in diagnosis
        with pytest.raises(DeviceError):
            stream.write(b"x")


def test_hang_is_located_and_stopped(probe: Probe) -> None:
    with running(probe("sim-m4")) as (target, stream):
        assert target.diagnosis() is None
        stream.write(b"l")
        assert stream.read(10, 0.3) == b""
        assert until(lambda: "probe_hang" in (target.diagnosis() or ""))
        for _ in range(3):
            diagnosis = target.diagnosis()
            assert diagnosis is not None
            assert re.search(r"still busy in 0x[0-9a-f]{8} \(probe_hang\)", diagnosis)
        target.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "edgeq-simulator"]


def test_endless_output_waits_for_its_reader(probe: Probe) -> None:
    with running(probe("sim-m4")) as (target, stream):
        stream.write(b"p")
        assert until(lambda: len(target._sent) >= 1 << 20)
        assert len(target._sent) < 2 << 20
        total = 0
        while total < 8 << 20:
            total += len(stream.read(1 << 16, GUARD))
        target.close()


def test_a_failing_simulator_says_so(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Peripheral, offset: int, value: int) -> None:
        raise RuntimeError("a bug")

    image = probe("sim-m4")
    monkeypatch.setattr(Peripheral, "write", broken)
    with open_target(image) as target:
        target.flash(image)
        with pytest.raises(DeviceError, match="the simulator failed: RuntimeError: a bug"):
            target.open().read(1, GUARD)


@pytest.mark.slow
def test_memory_is_given_back(probe: Probe) -> None:
    image = probe("sim-m4")

    def address_space() -> int:
        return int(Path("/proc/self/statm").read_text().split()[0])

    with running(image):
        pass
    before = address_space()
    for _ in range(10):
        with running(image):
            pass
    assert address_space() - before < (100 << 20) // 4096


def test_firmware_goes_on_after_a_sample(probe: Probe) -> None:
    with running(probe("sim-m4")) as (target, stream):
        machine = target._machine
        assert machine is not None
        before = ask(stream, b"C")
        for _ in range(20):
            stream.write(b"C")
            machine.sample(0.1)
            assert [int(read_until(stream, b"\n"))] == before


def test_reset_by_the_firmware_itself(probe: Probe) -> None:
    with running(probe("sim-m33")) as (_, stream):
        stream.write(b"R")
        assert read_until(stream, b"hello\n") == b"hello\n"


def test_close_is_idempotent_and_leaves_no_thread(probe: Probe) -> None:
    image = probe("sim-m4")
    for _ in range(5):
        target = open_target(image)
        target.flash(image)
        stream = target.open()
        target.close()
        target.close()
        with pytest.raises(DeviceError):
            stream.write(b"x")
        with pytest.raises(DeviceError):
            target.open()
    assert not [thread for thread in threading.enumerate() if thread.name == "edgeq-simulator"]


def test_state_survives_a_closed_stream(probe: Probe) -> None:
    with running(probe("sim-m3")) as (target, stream):
        assert ask(stream, b"m", 3)[1] == 7
        stream.close()
        with pytest.raises(DeviceError):
            stream.read(1, 0.1)
        assert ask(target.open(), b"m", 3)[1] == 8


def test_clock_goes_on(probe: Probe) -> None:
    with running(probe("sim-m4")) as (_, stream):
        first = ask(stream, b"t")[0]
        time.sleep(0.05)
        assert 50_000 <= ask(stream, b"t")[0] - first < GUARD * 1e6


@pytest.mark.sample(2)
@pytest.mark.parametrize("board", BOARDS)
def test_start_up_enables_fpu_and_faults(probe: Probe, board: str) -> None:
    """The simulated FPU works without it; a real one does not."""
    image = probe(board)
    with running(image) as (target, _):
        machine = target._machine
        assert machine is not None
        assert machine.system.read(scs.CPACR) == (0xF << 20 if image.board.cpu.fpu else 0)
        assert machine.system.read(scs.SHCSR) == (0 if board == "sim-m0" else 7 << 16)
        assert machine.system.read(scs.VTOR) == 0x0800_0000


def test_memory_elsewhere(tmp_path: Path, project: Callable[..., Path]) -> None:
    """Flash at 0 as on many chips, and RAM that does not begin at a page."""
    flash, ram = Region(address=0, size=64 << 10), Region(address=0x1000_0400, size=15 << 10)
    changes = {"id": "elsewhere", "flash": flash, "ram": ram, "stack": 1024}
    board = load_board("sim-m3").model_copy(update=changes)
    image = build(project(tmp_path / "p", board, (HERE / "probe_main.c").read_text()))
    with running(image) as (target, stream):
        assert ask(stream, b"m", 3) == [0, 7, 3]
        stream.write(b"o")
        assert read_until(stream, b"]\r\n").startswith(b"e-[fault stack-overflow")
        assert "stack overflow" in (target.diagnosis() or "")


def test_image_of_another_board_is_refused(probe: Probe) -> None:
    image = probe("sim-m4")
    board = image.board
    assert board.flash is not None
    small = board.model_copy(update={"flash": board.flash.model_copy(update={"size": 1024})})
    with pytest.raises(DeviceError, match="outside of the flash"):
        read_segments(image.elf, small)
    assert load_board("sim-m4") == board
