"""The whole road to a board of hardware, with what stands in for probe and board."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeq.boards import board_toml
from edgeq.builder.segments import Segment
from edgeq.cli import main
from edgeq.targets.devices import DeviceLock

from .conftest import OTHER, SERIAL, Bench, Plug, board_with, port
from .desk import Change, Desk

pytestmark = pytest.mark.usefixtures("own_locks")

for package in ("unicorn", "ziglang"):
    pytest.importorskip(package, reason="builds and runs firmware; pip install 'edgeq[sim]'")

BOARD = board_with("pyocd")
Put = Callable[..., Desk]


def edgeq(capfd: pytest.CaptureFixture[str], *args: str | Path) -> tuple[int, dict[str, Any]]:
    """A command line's exit code and its JSON object."""
    capfd.readouterr()
    code = main([str(arg) for arg in (*args, "--json")])
    captured = capfd.readouterr()
    assert "Traceback" not in captured.err, captured.err
    return code, json.loads(captured.out)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    """A folder with the board's file, the int8 model, and the project built for the board."""
    folder = tmp_path_factory.mktemp("road")
    (folder / "board.toml").write_bytes(board_toml(BOARD))
    digits = examples / "digits"
    convert = ["convert", digits / "digits_float.tflite", "--calibration", digits / "calibration.npz"]
    for line in (
        [*convert, "--out", folder / "digits.tflite"],
        ["generate", folder / "digits.tflite", "--board", folder / "board.toml", "--out", folder / "project"],
        ["build", folder / "project"],
    ):
        assert main([str(word) for word in ("--quiet", *line)]) == 0
    return folder


@pytest.fixture
def work(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own copy of it, which no settings reach, as the working folder."""
    (tmp_path / ".git").mkdir()
    shutil.copytree(built, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    for name in ("EDGEQ_BOARD", "EDGEQ_PORT", "EDGEQ_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "work"


@pytest.fixture
def put(bench: Bench, plug: Plug) -> Iterator[Put]:
    """Puts a board on the desk and plugs it in; pyocd works."""
    desks: list[Desk] = []

    def on_desk(change: Change = lambda written: written, others: tuple[Any, ...] = ()) -> Desk:
        bench.plays("pyocd", "0001000 I Loading firmware.hex [load_cmd]")
        desk = Desk(bench, BOARD, change)
        desks.append(desk)
        plug(port(desk.port, SERIAL), *others)
        return desk

    yield on_desk
    for desk in desks:
        desk.close()


@pytest.mark.slow
def test_deploy_flashes_and_judges(
    put: Put, work: Path, bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    put()
    line = ["deploy", "digits.tflite", "--board", "./board.toml", "--samples", "5", "--require-exact"]
    code, report = edgeq(capfd, *line, "--out", "out")
    assert (code, report["verdict"]) == (0, "pass")
    assert report["exactness"]["exact"] == report["exactness"]["outputs"] == 50
    assert [call.arguments[0] for call in bench.calls] == ["flash", "reset"]
    assert bench.calls[0].arguments[-4:] == ["--uid", SERIAL, "--no-reset", "firmware.hex"]
    assert report["artefacts"]["flash_log"] == "out/flash.log"
    assert "Loading firmware.hex" in Path("out/flash.log").read_text()
    assert b"m-ready" in Path("out/serial.log").read_bytes()
    assert json.loads(Path("out/report.json").read_text()) == report


def test_flash_then_run_without_flashing(
    put: Put, work: Path, bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    desk = put()
    code, said = edgeq(capfd, "flash", "project", "-d", "123456")
    assert code == 0
    assert (said["runner"], said["port"], said["verified"]) == ("pyocd", desk.port, True)
    assert SERIAL in said["device"]
    assert len(bench.calls) == 2
    code, report = edgeq(capfd, "run", "project", "--no-flash", "--samples", "2")
    assert (code, report["verdict"], len(bench.calls)) == (0, "pass", 2)
    assert "flash_log" not in report["artefacts"]


def test_the_port_may_be_named(
    put: Put, work: Path, bench: Bench, plug: Plug, capfd: pytest.CaptureFixture[str]
) -> None:
    """A probe without a serial port, and an adaptor beside it."""
    desk = put()
    plug(port("/dev/ttyACM5", SERIAL), port(desk.port, "A10K", "0403:6001", "1-7"))
    code, said = edgeq(capfd, "flash", "project", "--port", desk.port)
    assert (code, said["port"]) == (0, desk.port)
    assert "--uid" in bench.calls[0].arguments


def test_flash_without_asking_needs_no_port(
    put: Put, work: Path, bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    put()
    code, said = edgeq(capfd, "flash", "project", "--no-verify")
    assert (code, said["port"], said["verified"]) == (0, None, False)
    assert [call.arguments[0] for call in bench.calls] == ["flash", "reset"]


def as_cycles(written: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The same firmware, which calls what it counts cycles: the word stands in flash."""
    whole: dict[int, int] = {}
    for segment in written:
        whole |= dict(enumerate(segment.data, segment.address))
    start = min(whole)
    data = bytes(whole.get(start + i, 0xFF) for i in range(max(whole) - start + 1))
    assert data.count(b"instructions\0") == 1
    return (Segment(start, data.replace(b"instructions\0", b"cycles\0".ljust(13, b"\0"))),)


def test_cycles_of_hardware_are_reported(put: Put, work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    put(as_cycles)
    code, report = edgeq(capfd, "run", "project", "--samples", "2")
    assert code == 0
    latency = report["latency"]
    assert latency["instructions_warm"] is None and latency["cycles_warm"] > latency["macs"] / 4
    assert (latency["clock_hz"], latency["ms_warm"]) == (None, None), "the simulator has no clock"
    assert "clock" in [finding["rule"] for finding in report["findings"]]
    code, report = edgeq(capfd, "run", "project", "--no-flash", "--samples", "2", "--max-latency", "5")
    assert code == 1 and report["verdict"] == "fail"


def other_build(written: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The firmware of another build: one digit of the hash is another."""
    record = json.loads(Path("project/build/edgeq-build.json").read_text())
    wanted = record["build_hash"].encode()
    merged = as_cycles(written)[0]
    assert merged.data.count(wanted) == 1
    wrong = (b"1" if wanted[:1] == b"0" else b"0") + wanted[1:]
    return (Segment(merged.address, merged.data.replace(wanted, wrong)),)


def test_other_firmware_than_was_flashed(put: Put, work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    desk = put(other_build)
    code, said = edgeq(capfd, "flash", "project")
    assert code == 5
    assert "the board runs other firmware than was flashed: build hash" in said["error"]["message"]
    assert desk.port in said["error"]["message"] and "reset" in said["error"]["hint"]


def test_two_boards_are_refused_before_anything_is_written(
    put: Put, work: Path, bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    put(others=(port("/dev/ttyACM9", OTHER, location="1-2"),))
    code, said = edgeq(capfd, "flash", "project")
    assert code == 5 and SERIAL in said["error"]["message"] and OTHER in said["error"]["message"]
    assert not bench.calls
    Path("hardware-map.yml").write_text(f"- {{id: '{OTHER}', platform: nucleo_f446re, connected: true}}\n")
    assert edgeq(capfd, "flash", "project")[0] == 0, "the map gives the other one to another board"
    Path("hardware-map.yml").unlink()
    assert edgeq(capfd, "flash", "project", "-d", SERIAL[-6:])[0] == 0


def test_a_busy_port_is_told_before_anything_is_written(
    put: Put, work: Path, bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    desk = put()
    other = os.open(desk.port, os.O_RDWR | os.O_NOCTTY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        code, said = edgeq(capfd, "flash", "project")
        assert code == 5 and f"{desk.port} is in use" in said["error"]["message"]
        assert not bench.calls
    finally:
        os.close(other)


def test_a_device_of_another_edgeq(
    put: Put, work: Path, bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    put()
    with DeviceLock(SERIAL):
        code, said = edgeq(capfd, "run", "project")
    assert code == 5 and f"in use by another edgeq (process {os.getpid()})" in said["error"]["message"]
    assert not bench.calls


def test_a_failure_keeps_the_log_in_the_output_folder(
    put: Put, work: Path, bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    put()
    bench.plays("pyocd", "0000512 C STLink error (9): Get IDCODE error [__main__]", 1)
    line = ["deploy", "digits.tflite", "--board", "./board.toml", "--samples", "2", "--out", "out"]
    code, said = edgeq(capfd, *line)
    assert code == 5 and "does not answer" in said["error"]["message"]
    assert said["error"]["stage"] == "flash"
    assert "out/flash.log" in said["error"]["hint"]
    assert "Get IDCODE error" in Path("out/flash.log").read_text()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("run project --sim unicorn --port /dev/ttyACM0", "--sim unicorn asks for a simulation, and --port"),
        (
            "run project --sim unicorn --device 12",
            "--device is for boards of hardware, and desk_l4",
        ),
        (
            "deploy digits.tflite --board sim-m4 --device 12 --out o",
            "--device is for boards of hardware, and sim-m4",
        ),
        ("deploy digits.tflite --board sim-m4 --no-flash --out o", "--no-flash is for boards of hardware"),
        ("deploy digits.tflite --board sim-m4 --max-latency 5 --out o", "instructions are no milliseconds"),
        ("deploy digits.tflite --board coral --device 12 --out o", "--device is for boards with firmware"),
        ("run project --serve 0", "--serve offers a simulation, and desk_l4 is hardware"),
        ("run project --sim unicorn", "desk_l4 cannot be simulated with unicorn"),
    ],
)
def test_what_makes_no_sense(
    line: str, words: str, work: Path, plug: Plug, capfd: pytest.CaptureFixture[str]
) -> None:
    code, said = edgeq(capfd, *line.split())
    assert code == 2 and words in said["error"]["message"]


def test_a_simulation_wins_over_a_port_of_the_settings(
    work: Path, plug: Plug, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("edgeq.local.toml").write_text('port = "/dev/nonexistent"\ndevice = "12"\n')
    line = ["deploy", "digits.tflite", "--board", "sim-m4", "--samples", "2", "--out", "out"]
    assert edgeq(capfd, *line, "--sim", "unicorn")[0] == 0
    again = ["run", "out", "--samples", "2"]
    code, said = edgeq(capfd, *again)
    assert code == 5 and "/dev/nonexistent" in said["error"]["message"]
    monkeypatch.setenv("EDGEQ_PORT", "/dev/nonexistent")
    assert edgeq(capfd, *again, "--sim", "unicorn")[0] == 0
    Path("edgeq.local.toml").write_text('port = "/dev/nonexistent"\nsim = "unicorn"\n')
    code, said = edgeq(capfd, *again)
    assert code == 2 and "both port and sim" in said["error"]["message"]


def test_devices_are_listed_and_mapped(
    work: Path, bench: Bench, plug: Plug, capfd: pytest.CaptureFixture[str]
) -> None:
    bench.plays("pyocd")
    plug(port("/dev/ttyACM0", SERIAL), port("/dev/ttyUSB0", "A10K", "0403:6001", "1-7"))
    code, said = edgeq(capfd, "devices", "list")
    rows = {row["id"]: row for row in said["devices"]}
    assert code == 0 and set(rows) == {SERIAL, "A10K"}
    assert "nucleo_l4r5zi" in rows[SERIAL]["boards"] and rows["A10K"]["boards"] == []
    assert "pyocd" in rows[SERIAL]["runners"] and "openocd" in rows[SERIAL]["runners_missing"]
    assert rows[SERIAL]["ports"] == ["/dev/ttyACM0"]
    code, said = edgeq(capfd, "devices", "scan")
    assert code == 0 and not Path("hardware-map.yml").exists() and SERIAL in said["text"]
    code, said = edgeq(capfd, "devices", "scan", "--write")
    assert said["hardware_map"] == "hardware-map.yml"
    assert Path("hardware-map.yml").read_text() == said["text"]
    assert edgeq(capfd, "devices", "scan", "--write", "desk.yml")[1]["hardware_map"] == "desk.yml"
    assert main(["devices", "list"]) == 0
    shown = capfd.readouterr().out
    assert SERIAL in shown and "(openocd)" in shown and re.search("not installed", shown)
