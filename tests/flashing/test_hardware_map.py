"""The hardware map: twister's form is read, and a scan never takes away what people wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.base.errors import UsageError
from edgeq.boards import Board
from edgeq.targets.devices import Device, Entry, entry_for, merge_map, read_map

from .conftest import OTHER, SERIAL, board_with

L4 = board_with("pyocd", "openocd", zephyr="desk_l4/stm32l4r5xx")
F4 = board_with("openocd", id="desk_f4", usb=["0483:374b", "0483:374e"])
NRF = board_with("jlink", id="desk_nrf", usb=["1366:1015"])
BOARDS: list[Board] = [L4, F4, NRF]
ST_LINK = Device("0483:374b", SERIAL, "STM32 STLink", "1-1", 7, ("/dev/ttyACM0",))
V3 = Device("0483:374e", OTHER, "STLINK-V3", "1-2", 8, ("/dev/ttyACM1",))
J_LINK = Device("1366:1015", "000683123456", "J-Link", "1-3", 9)

# As Zephyr's documentation of twister shows a map, with hand-made additions.
HAND_MADE = f"""\
# our desk
- connected: true
  id: {SERIAL}   # red cable
  platform: "desk_l4/stm32l4r5xx"
  product: STM32 STLink
  runner: openocd
  serial: /dev/ttyACM9
  baud: 921600
  flash_timeout: 90
  flash_before: true
  fixtures:
    - gpio_loopback
  our_own_field: {{shelf: 3}}
- connected: true
  id: 000683123456
  probe_id: '000683123456'
  platform: desk_nrf
  serial:
- connected: false
  platform: rpi_pico
  serial: socket://pi:5000
  notes: behind the door
"""


def test_twisters_fields_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "map.yml"
    path.write_text(HAND_MADE)
    first, second, third = read_map(path)
    assert first == Entry(SERIAL, "desk_l4/stm32l4r5xx", True, "openocd", "/dev/ttyACM9", 921600, 90)
    assert (second.id, second.serial) == ("000683123456", "")
    assert third == Entry("", "rpi_pico", False, "", "socket://pi:5000")


def test_a_serial_number_of_digits_alone_is_text(tmp_path: Path) -> None:
    path = tmp_path / "map.yml"
    path.write_text("- {id: 683123456, platform: desk_nrf, connected: true}\n")
    assert read_map(path)[0].id == "683123456"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- [unclosed", "not valid YAML in line"),
        ("platform: desk", "not a list of devices"),
        ("- 5", "not a list of devices"),
        ("- {id: x, baud: fast}", "device 1: baud is 'fast', not a positive number"),
        ("- {id: x}\n- {id: [1]}", "device 2: id"),
        ("- {id: x, connected: maybe}", "connected is 'maybe', not true or false"),
        ("- !!python/object/apply:os.system ['true']", "not a list of devices"),
        ("- {id: x, id: y}", "not valid YAML"),
    ],
)
def test_a_map_that_is_none(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "map.yml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_map(path)
    assert words in caught.value.message and str(path) in caught.value.message


def test_no_map(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the hardware map"):
        read_map(tmp_path / "none.yml")
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="no text"):
        read_map(tmp_path / "binary.yml")


def test_a_new_map(tmp_path: Path) -> None:
    text = merge_map(None, [ST_LINK, V3, J_LINK], BOARDS)
    path = tmp_path / "map.yml"
    path.write_text(text)
    unknown, sure, nrf = read_map(path)
    assert (unknown.id, unknown.platform, unknown.runner) == (SERIAL, "unknown", "")
    assert "notes: 'one of: desk_l4, desk_f4'" in text
    assert sure == Entry(OTHER, "desk_f4", True, "openocd", "/dev/ttyACM1", 115200)
    assert nrf == Entry("000683123456", "desk_nrf", True, "jlink", "", 115200)
    assert merge_map(path, [ST_LINK, V3, J_LINK], BOARDS) == text, "a second scan changes nothing"


def test_a_map_of_comments_alone_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "map.yml"
    path.write_text("# our desk\n")
    assert merge_map(path, [J_LINK], BOARDS).startswith(
        "# our desk\n- connected: true\n  id: '000683123456'\n"
    )
    assert merge_map(path, [], BOARDS) == "# our desk\n[]\n"


def test_zephyrs_name_is_written_where_there_is_one() -> None:
    assert "platform: desk_l4/stm32l4r5xx" in merge_map(None, [ST_LINK], [L4])


def test_a_scan_keeps_all_that_people_wrote(tmp_path: Path) -> None:
    path = tmp_path / "map.yml"
    path.write_text(HAND_MADE)
    merged = merge_map(path, [ST_LINK, V3], BOARDS)
    changed = HAND_MADE.replace("/dev/ttyACM9", "/dev/ttyACM0").replace(
        "- connected: true\n  id: 000683", "- connected: false\n  id: 000683"
    )
    kept, _, added = merged.partition("- connected: true\n  id: " + OTHER)
    # comments, quotes, unknown fields and entries without an id are as before, but for indentation
    assert [line.strip() for line in kept.splitlines()] == [line.strip() for line in changed.splitlines()]
    assert "platform: desk_f4" in added
    path.write_text(merged)
    assert merge_map(path, [ST_LINK, V3], BOARDS) == merged


def test_a_port_by_another_name_stays(tmp_path: Path) -> None:
    real = tmp_path / "ttyACM0"
    real.touch()
    (tmp_path / "red").symlink_to(real)
    path = tmp_path / "map.yml"
    path.write_text(f"- connected: true\n  id: {SERIAL}\n  serial: {tmp_path / 'red'}\n")
    device = Device("0483:374b", SERIAL, "", "1-1", 7, (str(real),))
    assert merge_map(path, [device], BOARDS) == path.read_text()


def test_what_the_map_says_of_a_device() -> None:
    mine, free = Entry(id=SERIAL, baud=9600), Entry(platform="desk_l4", serial="/dev/ttyUSB0")
    assert entry_for(L4, ST_LINK, [free, mine]) == mine
    assert entry_for(NRF, J_LINK, [Entry(id="683123456", baud=1)]) is not None, "YAML drops its zeros"
    assert entry_for(L4, V3, [free, mine]) == free, "an entry without an id is the board's"
    assert entry_for(F4, V3, [free, mine]) is None
    assert entry_for(L4, None, [free, Entry(platform="desk_l4")]) is None, "two of them tell nothing"
