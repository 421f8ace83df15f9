"""The rows of the cores against what Arm says of each: architecture, extensions, FPUs."""

from __future__ import annotations

import pytest

from edgeq.boards import Board, load_board
from edgeq.boards.cores import CORES, NATIVE

# Arm's processor pages and architecture reference manuals (DDI 0419, DDI 0403, DDI 0553).
ARM = {
    "cortex-m0": ("Armv6-M", False, False, False, ()),
    "cortex-m0plus": ("Armv6-M", False, False, False, ()),
    "cortex-m3": ("Armv7-M", True, False, False, ()),
    "cortex-m4": ("Armv7E-M", True, True, False, ("fpv4-sp-d16",)),
    "cortex-m7": ("Armv7E-M", True, True, False, ("fpv5-sp-d16", "fpv5-d16")),
    "cortex-m33": ("Armv8-M mainline", True, True, False, ("fpv5-sp-d16",)),
    "cortex-m55": ("Armv8.1-M mainline", True, True, True, ("fpv5-d16",)),
}


def test_every_core_is_compared() -> None:
    assert set(CORES) == {*ARM, NATIVE}


@pytest.mark.parametrize("name", ARM)
def test_a_row(name: str) -> None:
    core = CORES[name]
    architecture, mainline, dsp, helium, fpus = ARM[name]
    assert core.architectures[0].name == architecture
    assert (core.mainline, core.long_multiply) == (mainline, mainline)
    assert (core.dsp, core.helium) == (dsp, helium)
    assert tuple(fpu.name for fpu in core.fpus) == fpus


@pytest.mark.parametrize("name", ARM)
def test_names_in_unicorn(name: str) -> None:
    arm = pytest.importorskip("unicorn").arm_const
    core = CORES[name].unicorn
    if core is None:
        assert name == "cortex-m55"
        return
    assert hasattr(arm, core.model)
    assert core.cpuid >> 24 == 0x41  # the implementer is Arm


def test_precision_and_age_of_fpus() -> None:
    fpus = {fpu.name: fpu for core in CORES.values() for fpu in core.fpus}
    assert {name for name, fpu in fpus.items() if not fpu.double} == {name for name in fpus if "-sp-" in name}
    assert {name for name, fpu in fpus.items() if fpu.armv8} == {name for name in fpus if "fpv5" in name}


@pytest.mark.parametrize(
    ("board", "zig"),
    [("sim-m4", "cortex_m4+vfp4d16sp"), ("sim-m0", "cortex_m0"), ("rpi_pico", "cortex_m0plus")],
)
def test_a_boards_variant(board: str, zig: str) -> None:
    assert load_board(board).variant.zig == zig


def test_a_core_that_has_no_such_fpu() -> None:
    with pytest.raises(KeyError):
        CORES["cortex-m3"].variant("fpv4-sp-d16")
    host: Board = load_board("host")
    assert (host.core.name, host.core.dsp, host.core.fpus) == (NATIVE, False, ())
