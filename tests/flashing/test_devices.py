"""What is connected, which device is meant, and whose the serial port is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgeq.base.errors import DeviceError, UsageError
from edgeq.targets.devices import (
    Device,
    DeviceLock,
    Entry,
    choose_device,
    console_port,
    list_devices,
    locks,
    usb,
    usb_ids,
)

from .conftest import OTHER, SERIAL, Plug, board_with, port

ONE = Device("0483:374b", SERIAL, "STM32 STLink", "1-1", 7, ("/dev/ttyACM0",))
TWO = Device("0483:374b", OTHER, "STM32 STLink", "1-2", 8, ("/dev/ttyACM1",))
ADAPTOR = Device("0403:6001", "A10K", "USB Serial", "1-3", 9, ("/dev/ttyUSB0",))
BOARD = board_with("pyocd", zephyr="desk_l4/stm32l4")


def _sys(folder: Path, name: str, **words: str) -> None:
    place = folder / name
    place.mkdir(parents=True)
    for key, value in words.items():
        (place / key).write_text(value + "\n")


def test_devices_are_put_together_from_ports_system_and_mounts(
    plug: Plug, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = tmp_path / "devices"
    _sys(devices, "usb1", bDeviceClass="09", idVendor="1d6b", idProduct="0002")
    _sys(devices, "1-1", bDeviceClass="ef", idVendor="0483", idProduct="374b", serial=SERIAL, devnum="7",
         product="STM32 STLink")  # fmt: skip
    _sys(devices, "1-1:1.2")
    _sys(devices, "1-4", bDeviceClass="00", idVendor="1366", idProduct="0101", serial="000683", devnum="9")
    plug(
        port("/dev/ttyACM0", SERIAL),
        port("/dev/ttyACM1", SERIAL),
        port("/dev/ttyUSB0", None, "1a86:7523", "1-6"),
    )
    monkeypatch.setattr(usb, "_SYS_USB", devices)
    drive = usb.Drive(tmp_path, "NODE_L4R5ZI", "1-1")
    monkeypatch.setattr(usb, "mounted_drives", lambda: [drive])
    found = {device.location: device for device in list_devices()}
    assert found == {
        "1-1": Device(
            "0483:374b", SERIAL, "STM32 STLink", "1-1", 7, ("/dev/ttyACM0", "/dev/ttyACM1"), (drive,)
        ),
        "1-4": Device("1366:0101", "000683", "", "1-4", 9),
        "1-6": Device("1a86:7523", "", "STM32 STLink", "1-6", 0, ("/dev/ttyUSB0",)),
    }
    assert found["1-6"].id == "1-6", "without a serial number its place tells it apart"
    assert found["1-1"].bus == 1


def test_mounted_drives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mount with a space in its name, on a block device that hangs on a USB device."""
    usb_device = tmp_path / "devices/pci/usb1/1-1"
    block = usb_device / "1-1:1.0/host/block/sdx/sdx1"
    block.mkdir(parents=True)
    (usb_device / "idVendor").write_text("0d28\n")
    blocks = tmp_path / "class/block"
    blocks.mkdir(parents=True)
    (blocks / "sdx1").symlink_to(block)
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sdx1 /media/me/MY\\040BIT vfat rw 0 0\n/dev/sda1 / ext4 rw 0 0\nproc /proc proc rw\n"
    )
    monkeypatch.setattr(usb, "_MOUNTS", mounts)
    monkeypatch.setattr(usb, "_SYS_BLOCK", blocks)
    monkeypatch.setattr(usb, "_LABELS", tmp_path / "none")
    assert usb.mounted_drives() == [usb.Drive(Path("/media/me/MY BIT"), "MY BIT", "1-1")]


def test_this_machine_can_be_asked() -> None:
    assert all(isinstance(device, Device) for device in list_devices())
    assert all(isinstance(drive, usb.Drive) for drive in usb.mounted_drives())


def test_the_only_one_is_taken() -> None:
    assert choose_device(BOARD, [ADAPTOR, ONE]) == ONE
    assert choose_device(board_with("pyocd", usb=[]), [ADAPTOR, ONE]) is None


@pytest.mark.parametrize("asked", [SERIAL, SERIAL.lower(), "123456", "0670FF575251717867123456"])
def test_a_part_of_the_serial_number_is_enough(asked: str) -> None:
    assert choose_device(BOARD, [ONE, TWO], asked=asked) == ONE


def test_a_whole_serial_number_wins_over_a_part_of_another() -> None:
    short = Device("0483:374b", "0670FF", "", "1-9")
    assert choose_device(BOARD, [ONE, short], asked="0670ff") == short


def test_two_are_refused_and_listed() -> None:
    with pytest.raises(DeviceError, match="2 devices are connected") as caught:
        choose_device(BOARD, [ONE, TWO, ADAPTOR])
    assert SERIAL in caught.value.message and OTHER in caught.value.message
    assert "A10K" not in caught.value.message
    assert "--device" in caught.value.hint
    with pytest.raises(DeviceError, match="'0670' is part of each one's id"):
        choose_device(BOARD, [ONE, TWO], asked="0670")


def test_none_is_told_with_what_is_there() -> None:
    with pytest.raises(DeviceError, match="no device with the USB id 0483:374b") as caught:
        choose_device(BOARD, [ADAPTOR])
    assert "A10K" in caught.value.hint and "cable" in caught.value.hint
    with pytest.raises(DeviceError, match="no device 'XYZ' is connected"):
        choose_device(BOARD, [ONE], asked="XYZ")


def test_the_port_names_its_own_device() -> None:
    assert choose_device(BOARD, [ONE, TWO], port="/dev/ttyACM1") == TWO
    assert choose_device(BOARD, [ONE, ADAPTOR], port="/dev/ttyUSB0") == ONE, "an adaptor beside the probe"
    with pytest.raises(UsageError, match=f"/dev/ttyACM1 belongs to {OTHER}"):
        choose_device(BOARD, [ONE, TWO], asked=SERIAL, port="/dev/ttyACM1")


@pytest.mark.parametrize("platform", ["desk_l4", "desk_l4/stm32l4"])
def test_the_map_says_which_is_which(platform: str) -> None:
    mine, others = Entry(id=OTHER, platform=platform), Entry(id=SERIAL, platform="nucleo_f446re")
    assert choose_device(BOARD, [ONE, TWO], [others, mine]) == TWO
    assert choose_device(BOARD, [ONE, TWO], [others]) == TWO, "what is another board's is not this one"
    assert choose_device(BOARD, [ONE, ADAPTOR], [Entry(id="A10K", platform=platform)]) == ADAPTOR
    gone = Entry(id=SERIAL, platform=platform, connected=False)
    with pytest.raises(DeviceError, match="2 devices"):
        choose_device(BOARD, [ONE, TWO], [gone])


def test_ids_of_bootloaders_count() -> None:
    board = board_with("dfu-util", "uf2")
    assert usb_ids(board) == ("0483:374b", "0483:df11", "2e8a:0003", "2e8a:000f")


@pytest.mark.parametrize(
    ("device", "given", "entry", "wanted"),
    [
        (ONE, None, None, "/dev/ttyACM0"),
        (ONE, "socket://pi:5000", Entry(serial="/dev/x"), "socket://pi:5000"),
        (ONE, None, Entry(serial="/dev/x"), "/dev/x"),
        (None, "/dev/x", None, "/dev/x"),
    ],
)
def test_which_port_is_the_console(
    device: Device | None, given: str | None, entry: Entry | None, wanted: str
) -> None:
    assert console_port(BOARD, device, given, entry) == wanted


def test_a_console_that_cannot_be_told() -> None:
    both = Device("0483:374b", SERIAL, "", "1-1", 7, ("/dev/ttyACM0", "/dev/ttyACM1"))
    with pytest.raises(DeviceError, match="2 serial ports: /dev/ttyACM0, /dev/ttyACM1"):
        console_port(BOARD, both, None, None)
    with pytest.raises(DeviceError, match="has no serial port"):
        console_port(BOARD, Device("1366:0101", "1"), None, None)
    with pytest.raises(DeviceError, match="names no USB ids"):
        console_port(BOARD, None, None, None)


HOLD = """
import sys, time
from edgeq.targets.devices import DeviceLock
lock = DeviceLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
time.sleep(600)
"""


def test_a_device_is_one_process_only(plug: Plug, tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, "A1"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(DeviceError, match=rf"A1 is in use by another edgeq \(process {holder.pid}\)"):
            DeviceLock("A1").acquire()
        with DeviceLock("A2"):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with DeviceLock("A1") as lock, pytest.raises(DeviceError, match=f"process {os.getpid()}"):
        assert lock.path.read_text() == f"{os.getpid()}\n"
        DeviceLock("A1").acquire()
    with DeviceLock("A1"):
        pass  # given back


def test_a_lock_that_cannot_be_made(plug: Plug, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_PLACE", tmp_path)
    DeviceLock("B").path.symlink_to("/etc/passwd")
    with pytest.raises(DeviceError, match="cannot lock the device B"):
        DeviceLock("B").acquire()
