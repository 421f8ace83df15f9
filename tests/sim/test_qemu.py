"""QEMU's boards boot real ELFs, count, say what went wrong, and leave nothing behind."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Literal

import pytest
from waiting import GUARD, until

from edgeq.base.errors import DeviceError, ToolMissingError
from edgeq.boards import load_board
from edgeq.builder import Image, build
from edgeq.targets import Place, open_target, serve
from edgeq.targets.simulators.qemu_target import QEMU, QemuTarget

from .talking import Probe, ask, booted, read_until

pytestmark = pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"needs {QEMU} (apt: qemu-system-arm)")

BOARDS = ["mps2_an385", "mps2_an386", "mps2_an500", "mps2_an505", "mps3_an547"]
running = partial(booted, kind=QemuTarget)


def processes_of(image: Image) -> list[str]:
    """The command lines of all processes that run this image."""
    listed = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(image.elf) in line]


def nobody_runs(image: Image) -> bool:
    """Whether all processes of an image are gone soon."""
    return until(lambda: not processes_of(image))


@pytest.mark.parametrize("board", BOARDS)
def test_boots_echoes_and_boots_again(probe: Probe, board: str) -> None:
    text = bytes(range(0x80, 0x100)) * 10
    image = probe(board)
    with running(image) as (target, stream):
        stream.write(text)
        assert read_until(stream, text) == text
        assert ask(stream, b"m", 3) == [0, 7, 3]
        assert ask(stream, b"f") == [3]
        assert ask(stream, b"s", 2)[0] == 4096
        assert target.diagnosis() is None
        again = target.open()  # the state survives the stream
        stream.close()
        assert ask(again, b"m", 3) == [0, 8, 3]
        target.reset()
        assert read_until(target.open(), b"hello\n") == b"hello\n"
        assert ask(target.open(), b"m", 3) == [0, 7, 3]
    assert not processes_of(image)


@pytest.mark.parametrize(("board", "twin"), [("mps2_an385", "sim-m3"), ("mps2_an386", "sim-m4")])
def test_counts_what_the_simulator_counts(probe: Probe, board: str, twin: str) -> None:
    """The simulator's counter is compared with single-stepping; the ports' own few instructions differ."""
    with open_target(probe(twin)) as target:
        target.flash(probe(twin))
        stream = target.open()
        read_until(stream, b"hello\n")
        expected = [ask(stream, command)[0] for command in (b"c", b"C")]
    with running(probe(board)) as (_, stream):
        counted = [ask(stream, command)[0] for command in (b"c", b"C", b"c", b"C")]
    assert counted == pytest.approx(expected * 2, abs=8)


def test_time_goes_on_and_never_back(probe: Probe) -> None:
    with running(probe("mps2_an386")) as (_, stream):
        times = [ask(stream, b"t" if i % 2 else b"Ct", 1 if i % 2 else 2)[-1] for i in range(200)]
    assert times == sorted(times)
    assert times[-1] > times[0]


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize(
    ("command", "name"), [(b"u", "UsageFault"), (b"b", "HardFault"), (b"o", "stack-overflow")]
)
def test_a_fault_is_told_and_ends_qemu(probe: Probe, board: str, command: bytes, name: str) -> None:
    with running(probe(board)) as (target, stream):
        stream.write(command)
        line = read_until(stream, b"\r\n").decode()
        assert re.fullmatch(rf"e-\[fault {name} pc=0x\w{{8}} lr=0x\w{{8}} cfsr=0x\w{{8}}\]\r\n", line), line
        with pytest.raises(DeviceError, match="the firmware halted itself"):
            while True:
                stream.read(100, 5.0)
        assert target.diagnosis() == "the firmware halted itself"
        with pytest.raises(DeviceError):
            stream.write(b"x")


HELIUM = """
#include <arm_mve.h>

#include "edgeq_port.h"

static int8_t edgeq_arena[64] __attribute__((aligned(16)));
__attribute__((section(".rodata.edgeq_weights"))) const uint8_t probe_weights[1000] = {1};
volatile float probe_half = 0.5f;

int main(void)
{
    edgeq_port_init();
    for (int i = 0; i < 16; ++i) {
        ((volatile int8_t *)edgeq_arena)[i] = (int8_t)(i - 20);
    }
    const int8x16_t x = vld1q_s8(edgeq_arena);
    const int32_t squares = vmladavq_s8(x, x); /* 20 * 20 + 19 * 19 … 5 * 5 */
    const float32x4_t halves = vmulq_n_f32(vdupq_n_f32(3.0f), probe_half);
    const int good = squares == 2840 && vgetq_lane_f32(halves, 3) == 1.5f;
    edgeq_port_write((const uint8_t *)(good ? "good\\n" : "bad!\\n"), 5);
    for (;;) {
        edgeq_port_idle();
    }
}
"""


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
def test_helium_is_on_before_it_is_used(
    project: Callable[..., Path], tmp_path: Path, toolchain: Literal["zig", "gcc"]
) -> None:
    if toolchain == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc (apt: gcc-arm-none-eabi)")
    folder = project(tmp_path / "p", load_board("mps3_an547"), HELIUM)
    image = build(folder, toolchain=toolchain)
    with open_target(image) as target:
        target.flash(image)
        assert read_until(target.open(), b"\n") == b"good\n"


INTRUDER = """
#include "edgeq_port.h"

static uint8_t edgeq_arena[64];
__attribute__((section(".rodata.edgeq_weights"))) const uint8_t probe_weights[1000] = {1};
static const char command[] = "touch %s";
static uint32_t block[2];

int main(void)
{
    edgeq_port_init();
    edgeq_arena[0] = 1;
    block[0] = (uint32_t)(uintptr_t)command;
    block[1] = sizeof command - 1u;
    register uint32_t operation __asm("r0") = 0x12; /* SYS_SYSTEM */
    register uint32_t *parameters __asm("r1") = block;
    __asm volatile("bkpt 0xAB" : "+r"(operation) : "r"(parameters) : "memory");
    edgeq_port_write((const uint8_t *)(operation == 0u ? "did" : "not"), 3);
    for (;;) {
        edgeq_port_idle();
    }
}
"""


def test_firmware_commands_nothing_here(project: Callable[..., Path], tmp_path: Path) -> None:
    """Semihosting is for the end alone: by it firmware could run commands and open files of this machine."""
    mark = tmp_path / "mark"
    image = build(project(tmp_path / "p", load_board("mps2_an386"), INTRUDER % mark))
    with open_target(image) as target:
        target.flash(image)
        assert read_until(target.open(), b"not") == b"not"
    assert not mark.exists()


def test_a_hang_is_located(probe: Probe) -> None:
    image = probe("mps2_an386")
    with running(image) as (target, stream):
        assert processes_of(image)
        stream.write(b"l")
        assert stream.read(10, 0.3) == b""
        for _ in range(3):
            diagnosis = target.diagnosis()
            assert diagnosis is not None
            assert re.search(r"still busy in 0x[0-9a-f]{8} \(probe_hang\)", diagnosis), diagnosis
    assert not processes_of(image)


def test_endless_output_waits_for_its_reader(probe: Probe) -> None:
    with running(probe("mps2_an386")) as (_, stream):
        stream.write(b"p")
        time.sleep(0.3)
        total = 0
        while total < 1 << 20:
            total += len(stream.read(1 << 16, GUARD))


def test_a_machine_that_qemu_does_not_know(probe: Probe) -> None:
    image = probe("mps2_an386")
    board = image.board
    assert board.qemu is not None
    unknown = board.model_copy(update={"qemu": board.qemu.model_copy(update={"machine": "mps9-an1"})})
    with (
        open_target(image) as target,
        pytest.raises(ToolMissingError, match="has no machine mps9-an1") as error,
    ):
        target.flash(Image(**{**vars(image), "board": unknown}))
    assert "-machine help" in error.value.hint


def test_an_elf_that_qemu_refuses(probe: Probe, tmp_path: Path) -> None:
    image = probe("mps2_an386")
    gone = tmp_path / "gone.elf"
    gone.write_bytes(image.elf.read_bytes())
    with open_target(image) as target:
        target.flash(Image(**{**vars(image), "elf": gone}))
        gone.unlink()
        target.reset()
        with pytest.raises(DeviceError, match=r"QEMU has ended with code 1: .*gone\.elf"):
            while True:
                target.open().read(1, 5.0)


def test_served_as_a_serial_port(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("edgeq.targets.serve"), "_BANNER", b"hello\n")
    image = probe("mps2_an386")
    ports: list[int] = []
    errors: list[DeviceError] = []
    ready = threading.Event()

    def offer() -> None:
        try:
            serve(image, 0, ready=lambda port: (ports.append(port), ready.set()))
        except DeviceError as error:
            errors.append(error)

    thread = threading.Thread(target=offer, daemon=True)
    thread.start()
    assert ready.wait(GUARD)
    for turn in range(3):
        with open_target(image, Place(port=f"socket://127.0.0.1:{ports[0]}")) as target:
            assert ask(target.open(), b"m", 3) == [0, 7 + turn, 3]
    with open_target(image, Place(port=f"socket://127.0.0.1:{ports[0]}")) as target:
        target.open().write(b"u")
        thread.join(GUARD)
    assert "halted itself" in errors[0].message
    assert nobody_runs(image)


HOLDER = """
import sys
from pathlib import Path
from edgeq.builder import load_image
from edgeq.targets import open_target
image = load_image(Path(sys.argv[1]))
with open_target(image) as target:
    target.flash(image)
    stream = target.open()
    while True:
        print(stream.read(1, 60.0).decode(), end="", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_orphan_however_edgeq_ends(probe: Probe, number: signal.Signals) -> None:
    image = probe("mps2_an386")
    command = [sys.executable, "-c", HOLDER, str(image.project)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "hello\n"
        assert processes_of(image)
        holder.send_signal(number)
        holder.wait(GUARD)
        assert nobody_runs(image)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def test_every_board_of_this_page_is_qemus() -> None:
    for name in BOARDS:
        assert load_board(name).simulators == ("qemu",)
