"""Every flash tool: how it is called, and what becomes of what it says."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from waiting import GUARD, ends, is_written, until, waits_begin_after

from edgeq.base.errors import DeviceError, ToolMissingError
from edgeq.base.progress import Progress
from edgeq.boards import Board
from edgeq.boards.flashing import PROGRAMS
from edgeq.builder import Image
from edgeq.targets.devices import Device, Drive
from edgeq.targets.flashing import Flasher

from .conftest import SERIAL, Bench, Plug, board_with

Firmware = Callable[[Board], Image]
ST_LINK = Device("0483:374b", SERIAL, "STM32 STLink", "1-1", 7, ("/dev/ttyACM0",))
J_LINK = Device("1366:1015", "000683123456", "J-Link", "1-2", 8, ("/dev/ttyACM1",))
BOOTSEL = Device("2e8a:0003", "E0C9125B0D9B", "RP2 Boot", "3-1.4", 12)
DFU = Device("0483:df11", "357236543131", "STM32  BOOTLOADER", "1-3", 9)
ARDUINO = Device("2341:005a", "0123", "Arduino", "1-4", 10, ("/dev/ttyACM2",))

PYOCD = ["--no-wait", "--no-config", "--color", "never", "--target", "stm32l4r5zitx"]
OPENOCD = ["-f", "interface/stlink.cfg", "-f", "target/stm32l4x.cfg"]
CLOSED = ["-c", "gdb_port disabled", "-c", "tcl_port disabled", "-c", "telnet_port disabled"]
JLINK = ["-NoGui", "1", "-ExitOnError", "1", "-AutoConnect", "1", "-Device", "STM32L4R5ZI", "-If", "SWD"]
JLINK += ["-Speed", "4000"]

CALLS = [
    ("pyocd", ST_LINK, ["flash", *PYOCD, "--uid", SERIAL, "--no-reset", "firmware.hex"],
     ["reset", *PYOCD, "--uid", SERIAL]),
    ("pyocd", None, ["flash", *PYOCD, "--no-reset", "firmware.hex"], ["reset", *PYOCD]),
    ("openocd", ST_LINK, [*OPENOCD, *CLOSED, "-c", f"adapter serial {SERIAL}", "-c",
                          "program firmware.hex verify exit"],
     [*OPENOCD, *CLOSED, "-c", f"adapter serial {SERIAL}", "-c", "init; reset run; shutdown"]),
    ("openocd", None, [*OPENOCD, *CLOSED, "-c", "program firmware.hex verify exit"],
     [*OPENOCD, *CLOSED, "-c", "init; reset run; shutdown"]),
    ("st-flash", ST_LINK, ["--serial", SERIAL, "--format", "ihex", "write", "firmware.hex"],
     ["--serial", SERIAL, "reset"]),
    ("jlink", J_LINK, [*JLINK, "-SelectEmuBySN", "683123456", "-CommandFile", "write.jlink"],
     [*JLINK, "-SelectEmuBySN", "683123456", "-CommandFile", "reset.jlink"]),
    ("picotool", BOOTSEL, ["load", "-v", "-x", "firmware.elf", "--bus", "3", "--address", "12"],
     None),
    ("picotool", None, ["load", "-v", "-x", "firmware.elf"], None),
    ("bossac", ARDUINO, ["--port=/dev/ttyACM2", "--offset=0x2000", "--erase", "--write", "--reset",
                         "firmware.bin"], None),
    ("dfu-util", DFU, ["--device", "0483:df11", "--serial", "357236543131", "--alt", "1", "--dfuse-address",
                       "0x08000000:leave", "-D", "firmware.bin"], None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "device", "write", "reset"), CALLS)
def test_how_a_tool_is_called(
    name: str,
    device: Device | None,
    write: list[str],
    reset: list[str] | None,
    bench: Bench,
    firmware: Firmware,
    tmp_path: Path,
) -> None:
    program = PROGRAMS[name].program
    bench.plays(program)
    board = board_with(name)
    flasher = Flasher(board, device, tmp_path / "flash.log")
    flasher.write(firmware(board))
    flasher.reset()
    assert [call.arguments for call in bench.calls] == [write, *([reset] if reset else [])]
    assert {call.tool for call in bench.calls} == {program}
    assert flasher.used == name
    form = next(argument for argument in [*write, "firmware.hex"] if argument.startswith("firmware."))
    assert bench.calls[0].files[form]
    if name == "jlink":
        assert bench.calls[0].files["write.jlink"] == b"r\nh\nloadfile firmware.hex\nexit\n"
        assert bench.calls[1].files["reset.jlink"] == b"r\ng\nexit\n"
    log = (tmp_path / "flash.log").read_text()
    assert log.count("$ ") == len(bench.calls) and log.count("# exit code 0") == len(bench.calls)


# What the tools say, in their own words: the first of each from the versions that docs/flashing.md names, run
# without a probe; the others from their sources and manuals.
WORDS = [
    ("pyocd", 1, "0000395 E No target device available [load_cmd]\nNo connected debug probes", "no probe"),
    ("pyocd", 1, f"No connected debug probe matches unique ID '{SERIAL}'", "finds no probe"),
    ("pyocd", 1, "More than one debug probe matches unique ID '0670':", "more than one probe"),
    ("pyocd", 1, "0000512 C STLink error (9): Get IDCODE error [__main__]", "does not answer"),
    ("pyocd", 1, "0001034 C No ACK received [__main__]", "does not answer"),
    ("pyocd", 1, "0000871 W NRF52840 APPROTECT enabled: not automatically unlocking", "locked"),
    ("pyocd", 1, "usb.core.USBError: [Errno 13] Access denied (insufficient permissions)", "may not open"),
    ("pyocd", 1, "0000100 C something nobody has seen before", "ended with code 1; it says: 0000100 C"),
    ("openocd", 1, "Info : clock speed 500 kHz\nError: open failed\nin procedure 'program'", "no probe"),
    ("openocd", 1, "Error: unable to find a matching CMSIS-DAP device\n", "no probe"),
    ("openocd", 1, "Error: libusb_open() failed with LIBUSB_ERROR_ACCESS\nError: open failed", "may not"),
    ("openocd", 1, "Error: init mode failed (unable to connect to the target)", "does not answer"),
    ("openocd", 1, "Error: Error connecting DP: cannot read IDR", "does not answer"),
    ("openocd", 1, "Info : RDP level 0 (0xAA)\nTarget voltage: 3.2\nError: checksum mismatch", "reads"),
    ("openocd", 1, "Info : RDP level 1 (0xBB)\nError: flash memory not accessible", "locked"),
    ("openocd", 1, "** Verify Started **\nError: checksum mismatch", "differently"),
    ("st-flash", 255, "2026-11-21T04:22:18 WARN usb.c: Couldn't find any ST-Link devices", "finds no probe"),
    ("st-flash", 255, "Can not connect to target. Please use 'connect under reset' and try again",
     "does not answer"),
    ("jlink", 1, "Connecting to J-Link via USB...FAILED: Cannot connect to J-Link.", "finds no probe"),
    ("jlink", 1, "Cannot connect to target.", "does not answer"),
    ("picotool", 249, "No accessible RP-series devices in BOOTSEL mode were found.", "no probe or boot"),
    ("picotool", 249, "No accessible RP2040 devices in BOOTSEL mode were found.\n\nbut:\n\nDevice at bus 1, "
     "address 5 appears to be in BOOTSEL mode, but picotool was unable to connect. Maybe try 'sudo' or "
     "check your permissions.", "may not open"),
    ("bossac", 1, "No device found on ttyACM0", "finds no probe or bootloader"),
    ("dfu-util", 74, "dfu-util: No DFU capable USB device available", "finds no probe or bootloader"),
    ("dfu-util", 74, "dfu-util: More than one DFU capable USB device found! Try `--list'", "more than one"),
    ("dfu-util", 74, "dfu-util: Cannot open DFU device 0483:df11 (LIBUSB_ERROR_ACCESS)", "may not"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "code", "says", "cause"), WORDS)
def test_what_a_tool_says_is_understood(
    name: str, code: int, says: str, cause: str, bench: Bench, firmware: Firmware, tmp_path: Path
) -> None:
    bench.plays(PROGRAMS[name].program, says, code)
    board = board_with(name, "openocd" if name != "openocd" else "pyocd")  # the next one is not asked
    with pytest.raises(DeviceError) as caught:
        Flasher(board, None, tmp_path / "flash.log").write(firmware(board))
    error = caught.value
    assert error.exit_code == 5
    assert cause in error.message and name in error.message and board.id in error.message
    assert str(tmp_path / "flash.log") in error.hint
    log = (tmp_path / "flash.log").read_text()
    assert says in log and f"# exit code {code}" in log
    assert len(bench.calls) == 1


class Heard(Progress):
    """What a user is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.stages: list[str] = []

    def stage(self, name: str, detail: str = "") -> None:
        self.stages.append(f"{name}: {detail}")

    def advance(self, done: int, total: int) -> None:
        pass

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_a_tool_that_is_not_installed_is_passed_over_and_that_is_told(
    bench: Bench, firmware: Firmware, tmp_path: Path
) -> None:
    bench.plays("st-flash")
    heard, board = Heard(), board_with("pyocd", "openocd", "st-flash")
    flasher = Flasher(board, ST_LINK, tmp_path / "flash.log", progress=heard)
    flasher.write(firmware(board))
    assert flasher.used == "st-flash"
    assert heard.notes == ["pyocd is not installed", "openocd is not installed"]
    assert heard.stages == [f"flash: {ST_LINK} by st-flash"]
    assert "# openocd is not installed" in (tmp_path / "flash.log").read_text()


def test_a_tool_that_lacks_the_chip_is_passed_over(bench: Bench, firmware: Firmware, tmp_path: Path) -> None:
    unknown = (
        "0000208 C Target type stm32l4r5zitx not recognized. Use 'pyocd list --targets' to see [__main__]"
    )
    bench.plays("pyocd", unknown, 1)
    bench.plays("openocd", "embedded:startup.tcl:28: Error: Can't find interface/stlink.cfg", 1)
    board = board_with("pyocd", "openocd")
    with pytest.raises(ToolMissingError) as caught:
        Flasher(board, None, tmp_path / "flash.log").write(firmware(board))
    assert caught.value.exit_code == 3
    assert "pyocd pack install stm32l4r5zitx" in caught.value.hint
    bench.plays("openocd")
    flasher = Flasher(board, None, tmp_path / "flash.log")
    flasher.write(firmware(board))
    assert flasher.used == "openocd"


def test_all_missing_tools_are_listed_with_what_installs_them(
    bench: Bench, firmware: Firmware, tmp_path: Path
) -> None:
    names = [name for name in PROGRAMS if name != "pyocd"]
    board = board_with("pyocd", *names)
    with pytest.raises(ToolMissingError) as caught:
        Flasher(board, None, tmp_path / "flash.log").write(firmware(board))
    assert caught.value.exit_code == 3
    for name in ("pyocd", *names):
        assert f"{name}: {PROGRAMS[name].install}" in caught.value.hint
        assert f"{PROGRAMS[name].program} is not installed" in caught.value.message


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_tool_that_hangs_is_ended_with_what_it_started(
    stubborn: bool, bench: Bench, firmware: Firmware, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.plays("pyocd", "0000001 I Waiting", takes=600, child=True, stubborn=stubborn)
    waits_begin_after(lambda: is_written(bench.folder / "child"), monkeypatch)
    board = board_with("pyocd")
    with pytest.raises(DeviceError, match=r"pyocd could not flash desk_l4: it was stopped after 0\.8 s"):
        Flasher(board, None, tmp_path / "flash.log", timeout=0.8).write(firmware(board))
    assert "stopped: its time is over" in (tmp_path / "flash.log").read_text()
    assert ends(int((bench.folder / "child").read_text()))


def test_ctrl_c_ends_the_tool(bench: Bench, tmp_path: Path) -> None:
    bench.plays("openocd", "Info : clock speed 500 kHz", takes=600, child=True)
    code = (
        "from pathlib import Path; from edgeq.targets.flashing.process import run_tool\n"
        f"place = Path({str(tmp_path)!r})\n"
        f"run_tool([{str(bench.bin / 'openocd')!r}], place, place / 'log', 60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    child = bench.folder / "child"
    assert until(lambda: is_written(child) or process.poll() is not None)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(GUARD) != 0
    assert ends(int(child.read_text()))
    assert "clock speed" in (tmp_path / "log").read_text()


def test_a_tool_that_does_not_start(bench: Bench, firmware: Firmware, tmp_path: Path) -> None:
    script = bench.bin / "pyocd"
    script.write_text("#!/nonexistent/python\n")
    script.chmod(0o755)
    board = board_with("pyocd")
    with pytest.raises(DeviceError, match="cannot start"):
        Flasher(board, None, tmp_path / "flash.log").write(firmware(board))


def test_a_reset_that_fails_is_told_as_such(bench: Bench, firmware: Firmware, tmp_path: Path) -> None:
    bench.acts("pyocd", {"flash": {}, "reset": {"says": "No connected debug probes", "code": 1}})
    board = board_with("pyocd")
    flasher = Flasher(board, None, tmp_path / "flash.log")
    flasher.write(firmware(board))
    with pytest.raises(DeviceError, match="pyocd could not reset desk_l4: it finds no probe"):
        flasher.reset()


FITS = {
    "pyocd": (ST_LINK, J_LINK, ARDUINO),
    "openocd": (ST_LINK, J_LINK, ARDUINO),
    "st-flash": (ST_LINK,),
    "jlink": (J_LINK,),
    "picotool": (BOOTSEL,),
    "uf2": (BOOTSEL,),
    "drive": (),
    "bossac": (ST_LINK, J_LINK, ARDUINO),
    "dfu-util": (DFU,),
}


@pytest.mark.parametrize("name", FITS)
def test_which_device_a_tool_is_for(name: str) -> None:
    runner = board_with(name).flashing[0]
    devices = (ST_LINK, J_LINK, BOOTSEL, DFU, ARDUINO)
    assert tuple(device for device in devices if runner.fits(device)) == FITS[name]
    assert runner.fits(None)


def test_a_device_that_none_of_the_tools_is_for(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="is for none of the tools that flash desk_l4: st-flash"):
        Flasher(board_with("st-flash"), J_LINK, tmp_path / "flash.log")


def test_the_maps_runner_is_the_only_one(bench: Bench, firmware: Firmware, tmp_path: Path) -> None:
    bench.plays("pyocd")
    bench.plays("openocd")
    board, heard = board_with("pyocd", "openocd"), Heard()
    flasher = Flasher(board, ST_LINK, tmp_path / "flash.log", only="openocd", progress=heard)
    flasher.write(firmware(board))
    assert (flasher.used, heard.notes) == ("openocd", [])
    Flasher(board, ST_LINK, tmp_path / "flash.log", only="nrfjprog", progress=heard).write(firmware(board))
    assert "nrfjprog" in heard.notes[0]
    assert bench.calls[-1].tool == "pyocd"


def _uf2_drive(folder: Path, board_id: str = "RPI-RP2") -> Drive:
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text(f"UF2 Bootloader v3.0\r\nModel: RP2\r\nBoard-ID: {board_id}\r\n")
    return Drive(folder, "RPI-RP2", "3-1.4")


def test_uf2_goes_to_the_drive_of_the_board(
    firmware: Firmware, tmp_path: Path, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edgeq.targets.flashing import drives

    board = board_with("uf2")
    mine, other = _uf2_drive(tmp_path / "mine"), _uf2_drive(tmp_path / "other", "SAMD21G18A-v0")
    plug(drives=(other, mine))
    monkeypatch.setattr(drives, "_STEP", 0.01)
    sleep = time.sleep

    def chip(seconds: float) -> None:
        """The bootloader takes the file, and its drive goes."""
        (mine.path / "INFO_UF2.TXT").unlink(missing_ok=True)
        sleep(seconds)

    monkeypatch.setattr(drives.time, "sleep", chip)
    Flasher(board, BOOTSEL, tmp_path / "flash.log").write(firmware(board))
    assert (mine.path / "firmware.uf2").read_bytes()[:4] == b"UF2\n"
    assert not (other.path / "firmware.uf2").exists()
    assert "the drive went" in (tmp_path / "flash.log").read_text()


def test_no_drive_and_two_drives(firmware: Firmware, tmp_path: Path, plug: Plug) -> None:
    board = board_with("uf2")
    with pytest.raises(DeviceError, match="no drive with the Board-ID RPI-RP2") as caught:
        Flasher(board, BOOTSEL, tmp_path / "flash.log").write(firmware(board))
    assert "BOOTSEL" in caught.value.hint and "mount" in caught.value.hint
    plug(drives=(_uf2_drive(tmp_path / "a"), _uf2_drive(tmp_path / "b")))
    with pytest.raises(DeviceError, match=f"2 drives.*{tmp_path / 'a'}, {tmp_path / 'b'}"):
        Flasher(board, BOOTSEL, tmp_path / "flash.log").write(firmware(board))


def test_a_probes_drive_takes_the_hex_file_or_says_why_not(
    firmware: Firmware, tmp_path: Path, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edgeq.targets.flashing import flasher

    monkeypatch.setattr(flasher, "_SETTLE", 0.2)
    place = tmp_path / "media" / "NODE_L4R5ZI"
    place.mkdir(parents=True)
    drive = Drive(place, "NODE_L4R5ZI", "1-1")
    board, device = board_with("drive"), replace(ST_LINK, drives=(drive,))
    Flasher(board, device, tmp_path / "flash.log").write(firmware(board))
    assert (place / "firmware.hex").read_text().startswith(":020000040800F2\n")
    (place / "FAIL.TXT").write_text("The interface firmware FAILED to\r\nreset/halt the target MCU\r\n")
    with pytest.raises(
        DeviceError, match="refused the firmware: The interface firmware FAILED to reset/halt"
    ):
        Flasher(board, device, tmp_path / "flash.log").write(firmware(board))


def test_a_drive_that_cannot_be_written(firmware: Firmware, tmp_path: Path, plug: Plug) -> None:
    place = tmp_path / "NODE_L4R5ZI"
    (place / "firmware.hex").mkdir(parents=True)
    board, device = board_with("drive"), replace(ST_LINK, drives=(Drive(place, "NODE_L4R5ZI"),))
    with pytest.raises(DeviceError, match=r"cannot write firmware\.hex to the drive"):
        Flasher(board, device, tmp_path / "flash.log").write(firmware(board))
