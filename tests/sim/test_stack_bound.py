"""The stack's bound by the ELF, against what the canary measures, and where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import edgeq
from edgeq.base.errors import ToolMissingError
from edgeq.boards import list_boards, load_board
from edgeq.builder import Image, build
from edgeq.builder.stack import stack_bound
from edgeq.builder.toolchains import ToolchainName
from edgeq.targets import open_target
from edgeq.verbs.sample import sample_project

from .talking import read_until

ProjectMaker = Callable[..., Path]

MAIN = r"""
#include <stdint.h>
#include "edgeq_port.h"

const uint8_t edgeq_weights_here[4] __attribute__((section(".rodata.edgeq_weights"))) = {1};
static uint8_t edgeq_arena[64];
static volatile uint32_t seven = 7;

typedef uint32_t (*step)(uint32_t);

__attribute__((noinline)) static uint32_t touch(volatile uint32_t *words, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        words[i] = i + seven;
    }
    return words[n - 1u];
}

__attribute__((noinline)) static uint32_t deep(uint32_t x)
{
    volatile uint32_t words[DEEP];
    return touch(words, DEEP) + x;
}

__attribute__((noinline)) static uint32_t flat(uint32_t x)
{
    return x * seven;
}

static const step steps[2] = {flat, deep};

__attribute__((noinline)) static uint32_t each(step one, uint32_t x)
{
    volatile uint32_t words[8];
    return touch(words, 8u) + one(x);
}

EXTRA

int main(void)
{
    edgeq_port_init();
    for (uint32_t i = 0; i < 2u; i++) {
        edgeq_arena[i] = (uint8_t)each(steps[(seven + i) & 1u], i);
    }
    ALSO;
    uint32_t used = edgeq_stack_high_water();
    char text[12];
    uint32_t at = sizeof text;
    text[--at] = '\n';
    do {
        text[--at] = (char)('0' + (char)(used % 10u));
        used /= 10u;
    } while (used != 0u);
    edgeq_port_write((const uint8_t *)text + at, sizeof text - at);
    for (;;) {
        edgeq_port_idle();
    }
}
"""

VARIABLE = r"""
__attribute__((noinline)) static uint32_t variable(uint32_t n)
{
    volatile uint32_t words[n];
    return touch(words, n);
}
"""

RECURSION = r"""
__attribute__((noinline)) static uint32_t again(uint32_t n)
{
    volatile uint32_t word = n + seven;
    return n == 0u ? word : again(n - 1u) + word;
}
"""

SWITCH = r"""
__attribute__((naked, noinline)) static uint32_t kept(uint32_t x __attribute__((unused)))
{
    __asm volatile("mov r3, lr\n\tbx r3"); /* back by another register, as assembly may */
}

__attribute__((noinline)) static uint32_t choose(uint32_t n)
{
    switch (n) {
    case 0: return flat(n) + 1u;
    case 1: return flat(n + 9u) * 3u;
    case 2: return each(flat, n) ^ 5u;
    case 3: return kept(7u) - n;
    case 4: return each(deep, n) + 11u;
    case 5: return flat(n * n) / 3u;
    case 6: return flat(n) % 13u;
    default: return 0u;
    }
}
"""


def firmware(
    folder: Path,
    project: ProjectMaker,
    board: str,
    toolchain: ToolchainName,
    extra: str = "",
    also: str = "",
    deep: int = 100,
) -> Image:
    main = MAIN.replace("EXTRA", extra).replace("ALSO", also or "(void)0").replace("DEEP", f"{deep}u")
    return build(project(folder / "p", load_board(board), main), toolchain=toolchain)


def measured(image: Image) -> int:
    with open_target(image) as target:
        target.flash(image)
        return int(read_until(target.open(), b"\n"))


@pytest.mark.sample(1)
@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("board", ["sim-m0", "sim-m4"])
def test_the_bound_is_above_the_canary_and_near_it(
    tmp_path: Path, project: ProjectMaker, board: str, toolchain: ToolchainName
) -> None:
    image = firmware(
        tmp_path, project, board, toolchain, SWITCH, "edgeq_arena[3] = (uint8_t)choose(seven & 4u)"
    )
    bound = image.sizes.stack_bound
    assert bound is not None, image.sizes.stack_unknown
    used = measured(image)
    assert 4 * 100 < used <= bound <= used + 200
    names = stack_bound(image.elf, floats=False).path
    assert names[:2] == ("edgeq_reset", "main") and "each" in names[2:4] + names[-3:]


def test_a_deeper_frame_is_a_higher_bound(tmp_path: Path, project: ProjectMaker) -> None:
    bounds = []
    for deep in (100, 200):
        image = firmware(tmp_path / str(deep), project, "sim-m4", "zig", deep=deep)
        assert image.sizes.stack_bound is not None
        bounds.append(image.sizes.stack_bound)
    assert bounds[1] - bounds[0] == 400


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("deep", [130, 256, 700])
def test_frames_that_one_instruction_cannot_make(
    tmp_path: Path, project: ProjectMaker, toolchain: ToolchainName, deep: int
) -> None:
    """On Armv6-M above 508 bytes: a register has their size, by a load or a shift."""
    if toolchain == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no arm-none-eabi-gcc")
    image = firmware(tmp_path, project, "sim-m0", toolchain, deep=deep)
    bound = image.sizes.stack_bound
    assert bound is not None, image.sizes.stack_unknown
    used = measured(image)
    assert 4 * deep < used <= bound <= used + 200


@pytest.mark.parametrize(
    ("extra", "also", "words"),
    [
        (VARIABLE, "edgeq_arena[2] = (uint8_t)variable(seven)", "sets its stack by a register"),
        (RECURSION, "edgeq_arena[2] = (uint8_t)again(seven)", "again may call itself"),
    ],
    ids=["variable arrays", "recursion"],
)
@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
def test_what_has_no_bound_says_why(
    tmp_path: Path, project: ProjectMaker, toolchain: ToolchainName, extra: str, also: str, words: str
) -> None:
    image = firmware(tmp_path, project, "sim-m4", toolchain, extra, also)
    assert image.sizes.stack_bound is None
    assert words in image.sizes.stack_unknown


@pytest.mark.slow
@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("board", [board.id for board in list_boards() if board.kind == "simulated"])
def test_a_model_stays_below_its_bound(
    tmp_path: Path, shared: Path, board: str, toolchain: ToolchainName
) -> None:
    model = shared / "models" / "mlperf_tiny" / "ic_int8.tflite"
    try:
        report = edgeq.deploy(model, board=board, toolchain=toolchain, samples=1, out=tmp_path / "ic")
    except ToolMissingError as error:
        pytest.skip(error.message)
    assert isinstance(report, edgeq.Report) and report.ram is not None
    used, bound = report.ram.stack, report.ram.stack_bound
    assert used is not None and bound is not None
    assert used <= bound <= used + 300


@pytest.mark.slow
@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
def test_every_board_of_hardware_has_a_bound(tmp_path: Path, toolchain: ToolchainName) -> None:
    boards = [board for board in list_boards() if board.kind == "hardware" and board.sdk is None]
    assert len(boards) > 10
    for board in boards:
        sample_project(board).write(tmp_path / board.id)
        image = build(tmp_path / board.id, toolchain=toolchain)
        assert image.sizes.stack_bound is not None, (board.id, image.sizes.stack_unknown)
        assert image.sizes.stack_bound < image.sizes.stack
