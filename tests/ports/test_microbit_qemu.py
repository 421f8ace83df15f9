"""The micro:bit on QEMU's model of the whole chip: UART, TIMER0 and its interrupt, clock; and exact."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from waiting import turns

from edgeq import deploy
from edgeq.boards import load_board
from edgeq.targets import Place, Stream, open_target

from .project import echo

pytestmark = pytest.mark.skipif(
    shutil.which("qemu-system-arm") is None, reason="no QEMU (Debian: qemu-system-arm)"
)
QEMU = Place(simulator="qemu")


def answer(stream: Stream, question: bytes, size: int) -> bytes:
    stream.write(question)
    got = b""
    for _ in turns():
        if len(got) >= size:
            break
        got += stream.read(4096, 0.2)
    return got


def test_it_talks_and_time_goes_on() -> None:
    image = echo(load_board("microbit"))
    with open_target(image, QEMU) as target:
        target.flash(image)
        stream = target.open()
        assert answer(stream, b"", 6) == b"hello\n"
        text = bytes(range(0x80, 0x100)) * 4  # longer than the model's FIFO of 6 bytes
        assert answer(stream, text, len(text)) == text
        assert int(answer(stream, b"?", 9), 16) == 16_000_000
        before = int(answer(stream, b"u", 9), 16)
        for _ in turns(every=1.2):  # the firmware sleeps, too, and its timer wakes it
            if int(answer(stream, b"u", 9), 16) - before > 1_000_000:
                return
        raise AssertionError("its time stands still")


def test_a_network_is_exact(tmp_path: Path, examples: Path) -> None:
    digits = examples / "digits"
    report = deploy(
        digits / "digits_float.tflite",
        board="microbit",
        calibration=digits / "calibration.npz",
        data=digits / "test.npz",
        limit=50,
        simulator="qemu",
        out=tmp_path / "out",
        require_exact=True,
    )
    assert report.verdict == "pass"
