"""Boards, USB devices and flash tools that are not there: listings made up, programs that play the tools."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edgeq.boards import Board, load_board
from edgeq.boards.flashing import Runner
from edgeq.builder import Image, Sizes
from edgeq.targets.devices import Drive, usb

SERIAL = "0670FF575251717867123456"
OTHER = "0670FF575251717867999999"

RUNNERS: Mapping[str, dict[str, Any]] = {
    "pyocd": {"target": "stm32l4r5zitx"},
    "openocd": {"config": ["interface/stlink.cfg", "target/stm32l4x.cfg"]},
    "st-flash": {},
    "jlink": {"device": "STM32L4R5ZI"},
    "picotool": {},
    "uf2": {"family": 0xE48BFF56, "board_id": "RPI-RP2"},
    "drive": {"label": "NODE_L4R5ZI"},
    "bossac": {"offset": 0x2000},
    "dfu-util": {"usb": "0483:df11", "alt": 1},
}

STANDIN = """#!{python}
import json, os, pathlib, signal, subprocess, sys, time
folder = pathlib.Path({folder!r})
name = {name!r}
kept = {{path.name: path.read_bytes().hex() for path in pathlib.Path(".").glob("*.*") if path.is_file()}}
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps({{"tool": name, "arguments": sys.argv[1:], "files": kept}}) + "\\n")
part = json.loads((folder / (name + ".json")).read_text())
for word, play in part.items():
    if word in " ".join(sys.argv[1:]):
        break
if play.get("stubborn"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if play.get("child"):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / "child").write_text(str(child.pid))
print(play.get("says", ""), flush=True)
time.sleep(play.get("takes", 0))
sys.exit(play.get("code", 0))
"""


@dataclass(frozen=True)
class Call:
    """How a stand-in was called, and the files beside it then."""

    tool: str
    arguments: list[str]
    files: dict[str, bytes]


class Bench:
    """The tools on PATH, and nothing else there.

    ``plays`` gives a tool's part: for the first word that is among its arguments what it says, its exit code,
    how long it takes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()

    def plays(self, name: str, says: str = "", code: int = 0, **more: Any) -> None:
        self.acts(name, {"": {"says": says, "code": code, **more}})

    def acts(self, name: str, part: dict[str, dict[str, Any]]) -> None:
        (self.folder / f"{name}.json").write_text(json.dumps(part))
        script = self.bin / name
        script.write_text(STANDIN.format(python=sys.executable, folder=str(self.folder), name=name))
        script.chmod(0o755)

    @property
    def calls(self) -> list[Call]:
        path = self.folder / "calls"
        lines = path.read_text().split("\n")[:-1] if path.exists() else []  # whole ones
        return [
            Call(raw["tool"], raw["arguments"], {k: bytes.fromhex(v) for k, v in raw["files"].items()})
            for raw in map(json.loads, lines)
        ]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    folder = tmp_path / "bench"
    folder.mkdir()
    made = Bench(folder)
    monkeypatch.setenv("PATH", str(made.bin))
    monkeypatch.setattr("importlib.util.find_spec", lambda name, find=importlib_find: _without(name, find))
    return made


def importlib_find(name: str) -> Any:
    from importlib.machinery import PathFinder

    return PathFinder.find_spec(name)


def _without(name: str, find: Callable[[str], Any]) -> Any:
    """No pyocd module of this Python stands in for the program."""
    return None if name == "pyocd" else find(name)


def board_with(*runners: str, **changes: Any) -> Board:
    """A board of hardware on which the simulator's firmware runs, with these runners in order."""
    plain = load_board("sim-m4").model_dump(exclude_none=True, exclude_defaults=True)
    del plain["simulator"]
    values = {
        **plain,
        "id": "desk_l4",
        "name": "a board on the desk",
        "kind": "hardware",
        "usb": ["0483:374b"],
        "flashing": [{"runner": name, **RUNNERS[name]} for name in runners],
        **changes,
    }
    return Board.model_validate(values)


def runner_of(board: Board) -> Runner:
    return board.flashing[0]


def port(device: str, serial: str | None, usb_id: str = "0483:374b", location: str = "1-1") -> Any:
    """A serial port as pyserial lists it."""
    vid, pid = (int(part, 16) for part in usb_id.split(":"))
    return SimpleNamespace(
        device=device,
        vid=vid,
        pid=pid,
        serial_number=serial,
        product="STM32 STLink",
        location=f"{location}:1.2",
    )


Plug = Callable[..., None]


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Plug:
    """What is connected: ports as pyserial lists them, and drives; nothing of this machine's own."""

    def connect(*ports: Any, drives: tuple[Drive, ...] = ()) -> None:
        monkeypatch.setattr("serial.tools.list_ports.comports", lambda: list(ports))
        for module in ("edgeq.targets.devices.usb", "edgeq.targets.flashing.drives"):
            monkeypatch.setattr(f"{module}.mounted_drives", lambda: list(drives))

    monkeypatch.setattr(usb, "_SYS_USB", tmp_path / "none")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    connect()
    return connect


@pytest.fixture(scope="session")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Board], Image]:
    """A built image, as far as flashing looks: an ELF with two segments."""
    folder = tmp_path_factory.mktemp("firmware")
    elf = folder / "firmware.elf"
    elf.write_bytes(tiny_elf([(0x0800_0000, bytes(range(256)) * 5), (0x0801_0004, b"tail")]))
    sizes = Sizes(1000, 24, 1024, 64, 100, 4096, 4260)

    def image(board: Board) -> Image:
        return Image(elf, folder, board, "a" * 64, "b" * 16, "zig", sizes)

    return image


def tiny_elf(segments: list[tuple[int, bytes]]) -> bytes:
    """A 32-bit ARM ELF with nothing but what is loaded."""
    import struct

    head = 52 + 32 * len(segments)
    table, body = b"", b""
    for address, data in segments:
        table += struct.pack("<8I", 1, head + len(body), address, address, len(data), len(data), 5, 4)
        body += data
    ident = b"\x7fELF\x01\x01\x01" + bytes(9)
    rest = struct.pack(
        "<HHIIIIIHHHHHH", 2, 40, 1, 0x0800_0000, 52, 0, 0x0500_0000, 52, 32, len(segments), 40, 0, 0
    )
    return ident + rest + table + body
