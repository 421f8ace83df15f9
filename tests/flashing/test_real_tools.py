"""The real flash tools, without a probe: they take our argument lists and look for one.

EDGEQ_FLASH_TOOLS names a folder of tools that are not on PATH, such as the bin of a venv with pyOCD.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeq.base.errors import DeviceError, ToolMissingError
from edgeq.boards import Board, list_boards
from edgeq.boards.flashing import PROGRAMS
from edgeq.boards.flashing.openocd import OpenOcd
from edgeq.builder import Image
from edgeq.targets.devices import Device, list_devices
from edgeq.targets.flashing import Flasher

from .conftest import RUNNERS, SERIAL, board_with

REAL = {
    "pyocd": {"target": "nrf52840"},
    "openocd": {"config": ["interface/cmsis-dap.cfg", "target/nrf52.cfg"]},
    "st-flash": {},
    "bossac": {"offset": 0},
    "dfu-util": {"usb": "0483:df11"},
    "picotool": {},
}
DEVICES = {
    "bossac": Device("2341:005a", "0123", "Arduino", ports=("/dev/nonexistent-port",)),
    "dfu-util": Device("0483:df11", "357236543131"),
    "picotool": Device("2e8a:0003", "E0C9125B0D9B", "", "1-1", 7),
}
PROBE = Device("0483:374b", SERIAL)


@pytest.mark.parametrize(
    ("name", "chosen"),
    # without a port bossac would take the first one of the machine
    [(name, chosen) for name in REAL for chosen in (True, False) if chosen or name != "bossac"],
)
def test_a_real_tool_gets_as_far_as_looking_for_its_probe(
    name: str,
    chosen: bool,
    firmware: Callable[[Board], Image],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extra = os.environ.get("EDGEQ_FLASH_TOOLS")
    if extra:
        monkeypatch.setenv("PATH", f"{extra}{os.pathsep}{os.environ['PATH']}")
    if PROGRAMS[name].command() is None:
        pytest.skip(f"{name} is not installed ({PROGRAMS[name].install})")
    if any(device.usb.startswith(("0483:37", "0d28:", "2e8a:", "0483:df11")) for device in list_devices()):
        pytest.skip("a probe is connected, and this test is not to write to it")
    monkeypatch.setitem(RUNNERS, name, REAL[name])  # type: ignore[index]
    board = board_with(name)
    device = DEVICES.get(name, PROBE) if chosen else None
    with pytest.raises(DeviceError) as caught:
        Flasher(board, device, tmp_path / "flash.log", timeout=30).write(firmware(board))
    assert f"{name} could not flash desk_l4: it finds no probe or bootloader" in caught.value.message


AFTER_0_12 = {"rpi_pico2"}
"""Boards whose chip OpenOCD has learned since the version of Debian 12."""

BY_OPENOCD = [
    (board, runner) for board in list_boards() for runner in board.flashing if isinstance(runner, OpenOcd)
]


@pytest.mark.parametrize(("board", "runner"), BY_OPENOCD, ids=lambda value: getattr(value, "id", ""))
def test_openocd_has_the_configuration_that_a_board_names(
    board: Board, runner: OpenOcd, firmware: Callable[[Board], Image], tmp_path: Path
) -> None:
    if shutil.which("openocd") is None:
        pytest.skip("openocd is not installed (Debian: apt install openocd)")
    only = with_runner(board, runner)
    with pytest.raises((DeviceError, ToolMissingError)) as caught:
        Flasher(only, None, tmp_path / "flash.log", timeout=30).write(firmware(only))
    told = caught.value.message
    newer = board.id in AFTER_0_12 and "has no configuration for this board" in told
    assert "finds no probe" in told or newer, (tmp_path / "flash.log").read_text()


def with_runner(board: Board, runner: OpenOcd) -> Board:
    """The board with that runner alone, and the flash that the firmware of these tests is for."""
    assert board.flash is not None
    flash = board.flash.model_copy(update={"address": 0x0800_0000})
    return board.model_copy(update={"flashing": (runner,), "flash": flash})
