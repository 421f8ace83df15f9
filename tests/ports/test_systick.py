"""``edgeq_systick.c`` against a model of the counter, at every distance from its wrap."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PARTS = HERE.parents[1] / "firmware_templates" / "parts"


def compiler() -> list[str]:
    found = shutil.which("cc")
    return [found] if found else [sys.executable, "-m", "ziglang", "cc"]


def test_no_reading_is_wrong_around_the_wrap(tmp_path: Path) -> None:
    program = tmp_path / "systick"
    flags = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-Wno-unused-function"]
    subprocess.run(
        [*compiler(), *flags, "-I", PARTS, HERE / "systick_model.c", "-o", program], check=True, timeout=120
    )
    ran = subprocess.run([program], check=False, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout == "19200 readings\n"
