"""Compiles the firmware's link for this machine around the stand-in runtime."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
TEMPLATES = HERE.parents[2] / "firmware_templates"
COMMON = TEMPLATES / "common"
PARTS = ("main", "adaptor", "bulk", "crc", "print", "link", "session", "say", "text")
WARNINGS = ("all", "extra", "conversion", "sign-conversion", "shadow", "pedantic", "error")
FLAGS = ["-std=c99", "-O1", *(f"-W{name}" for name in WARNINGS)]


def compile_link(program: Path, build_hash: str, defines: Sequence[str], flags: Sequence[str] = ()) -> Path:
    """With ``SPENDS`` among the macros it lives in simulated time (``line.py``), else in this machine's."""
    found = shutil.which("cc")
    compiler = [found] if found else [sys.executable, "-m", "ziglang", "cc"]
    simulated = any(define.startswith("-DSPENDS=") for define in defines)
    port = HERE / "line_port.c" if simulated else TEMPLATES / "ports" / "host" / "edgeq_host_port.c"
    names = [name if name == "main" else f"edgeq_{name}" for name in PARTS]
    sources = [*(COMMON / f"{name}.c" for name in names), port, HERE / "standin_runtime.c"]
    hashed = f'-DEDGEQ_BUILD_HASH="{build_hash}"'
    command = [*compiler, *FLAGS, *flags, hashed, *defines, f"-I{HERE}", f"-I{COMMON}", *map(str, sources)]
    done = subprocess.run(
        [*command, "-o", str(program)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return program
