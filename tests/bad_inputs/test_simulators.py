"""A simulator that is missing, too old, or does not run the machine: QEMU by a stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.base.errors import DeviceError, ToolMissingError

from .cases import SIMULATED, Case
from .conftest import Ask
from .test_table import _expect

pytest.importorskip("ziglang", reason="builds firmware; pip install 'edgeq[sim]'")

DEPLOY = "deploy int8.tflite --board mps2_an386 --out out --samples 2"
ANSWERS = """#!/bin/sh
case "$*" in
*--version*) echo "QEMU emulator version {version}" ;;
*help*) echo "mps2-an386 a stand-in" ;;
*) echo "qemu-system-arm: cannot set up guest memory" >&2; exit 1 ;;
esac
"""


@pytest.mark.parametrize(
    ("given", "version", "code", "words"),
    [
        (SIMULATED[0], "", ToolMissingError.exit_code, "apt-get install qemu-system-arm"),
        (SIMULATED[1], "5.2.0", ToolMissingError.exit_code, "edgeq needs 6.0"),
        (SIMULATED[2], "7.2.0", DeviceError.exit_code, "cannot set up guest memory"),
    ],
)
def test_qemu(
    given: str,
    version: str,
    code: int,
    words: str,
    ask: Ask,
    kitchen: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    if version:
        (tools / "qemu-system-arm").write_text(ANSWERS.format(version=version))
        (tools / "qemu-system-arm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    _expect(ask, kitchen, Case(given, DEPLOY, code, words), (str(tools), "/usr/bin"))
