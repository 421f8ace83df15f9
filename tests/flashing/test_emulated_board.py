"""A real board's own firmware, given to what stands in for dfu-util, running in QEMU behind a serial port.

Nothing tells edgeq that it is no board: the road to hardware with the STM32's own clock, UART and counter.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
import tty
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from edgeq.boards import load_board
from edgeq.cli import main
from edgeq.targets.devices import DeviceLock

from .conftest import Bench, Plug, port
from .test_road import edgeq

pytest_plugins = ("pytester",)

MODULE = "edgeq.verbs.testing.plugin"
INSTALLED = any(one.value == MODULE for one in entry_points(group="pytest11"))
PLUGIN = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *(() if INSTALLED else ("-p", MODULE)))

QEMU = shutil.which("qemu-system-arm")
BOARD = load_board("netduinoplus2")

pytestmark = [
    pytest.mark.usefixtures("own_locks"),
    pytest.mark.skipif(
        QEMU is None, reason="qemu-system-arm is not installed (Debian: apt install qemu-system-arm)"
    ),
]


class Emulated:
    """Starts the machine when the tool has been given a firmware; its UART is the pseudo-terminal."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self._bench, self._folder = bench, folder
        self._leader, self._follower = os.openpty()
        tty.setraw(self._follower)
        self.port = os.ttyname(self._follower)
        self._machine: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        while not self._closed and not self._bench.calls:
            time.sleep(0.02)
        if self._closed:
            return
        firmware = self._folder / "given.bin"
        firmware.write_bytes(self._bench.calls[0].files["firmware.bin"])
        assert QEMU is not None and BOARD.flash is not None
        self._machine = subprocess.Popen(
            [
                *(QEMU, "-machine", "netduinoplus2", "-nographic", "-monitor", "none", "-serial", "stdio"),
                *("-device", f"loader,file={firmware},addr={BOARD.flash.address:#x},force-raw=on"),
            ],
            stdin=self._leader,
            stdout=self._leader,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        self._closed = True
        self._thread.join()
        if self._machine is not None:
            self._machine.kill()
            self._machine.wait()
        os.close(self._leader)
        os.close(self._follower)


@pytest.fixture
def emulated(bench: Bench, plug: Plug, tmp_path: Path) -> Iterator[Emulated]:
    bench.plays("dfu-util", "File downloaded successfully\nTransitioning to dfuMANIFEST state")
    one = Emulated(bench, tmp_path)
    bootloader = port("/dev/ttyACM7", "357236543131", "0483:df11")
    plug(bootloader, port(one.port, "A10K", "0403:6001", "1-7"))
    yield one
    one.close()


@pytest.mark.slow
def test_a_real_boards_firmware(
    emulated: Emulated,
    bench: Bench,
    tmp_path: Path,
    examples: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    digits = examples / "digits"
    convert = ["convert", digits / "digits_float.tflite", "--calibration", digits / "calibration.npz"]
    assert main([str(word) for word in ("-q", *convert, "--out", "digits.tflite")]) == 0
    line = ["deploy", "digits.tflite", "--board", BOARD.id, "--port", emulated.port, "--samples", "3"]
    code, report = edgeq(capfd, *line, "--require-exact", "--out", "out")
    assert (code, report["verdict"]) == (0, "pass"), report
    assert report["exactness"]["exact"] == 30
    place = ["--alt", "0", "--dfuse-address", "0x08000000:leave", "-D", "firmware.bin"]
    chosen = ["--device", "0483:df11", "--serial", "357236543131"]
    assert [call.arguments for call in bench.calls] == [[*chosen, *place]]
    latency = report["latency"]
    assert latency["instructions_warm"] is None and latency["cycles_first"] >= latency["cycles_warm"] > 0
    # QEMU has no oscillators, so the firmware falls back to 16 MHz; SysTick counts at 168 MHz all the same.
    assert latency["clock_hz"] == 16_000_000
    assert (latency["ms_first"], latency["ms_warm"]) == (None, None)
    clock = next(finding for finding in report["findings"] if finding["rule"] == "clock")
    assert clock["severity"] == "warning"
    times = re.search(r"runs ([\d.]+) times", clock["message"])
    assert times and float(times[1]) == pytest.approx(168 / 16, rel=0.05)


@pytest.mark.slow
def test_the_pytest_plugin_takes_a_board_of_the_hardware_map(
    emulated: Emulated,
    bench: Bench,
    examples: Path,
    pytester: pytest.Pytester,
) -> None:
    """The map says which board is behind which probe, and where its console is."""
    digits = examples / "digits"
    (pytester.path / ".git").mkdir()
    entry = {"connected": True, "id": "357236543131", "platform": BOARD.id, "serial": emulated.port}
    (pytester.path / "map.yml").write_text(json.dumps([entry, {"connected": False, "platform": "microbit"}]))
    pytester.makepyfile(
        f"""
        import numpy as np, pytest
        pytestmark = pytest.mark.edgeq("{digits}/digits_float.tflite", samples=3, random_calibration=True)
        def test_it(edgeq_deployed):
            edgeq_deployed.check()
            assert edgeq_deployed.report.origin.place == "hardware"
            assert edgeq_deployed.figures["cycles"] > 0
        def test_open(edgeq_session):
            q = np.zeros(edgeq_session.graph.input_tensors[0].shape, np.int8)
            assert np.array_equal(edgeq_session.infer(q)[0], edgeq_session.infer(q)[0])
        """
    )
    result = pytester.runpytest(*PLUGIN, "--edgeq-hwmap=map.yml", "-v", "--junitxml=j.xml")
    result.assert_outcomes(passed=2)
    assert {call.arguments[3] for call in bench.calls} == {"357236543131"}
    assert 'name="edgeq.origin.device" value="357236543131"' in (pytester.path / "j.xml").read_text()
    with DeviceLock("357236543131"):
        pass
