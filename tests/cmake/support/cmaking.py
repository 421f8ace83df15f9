"""Configuring and building with CMake; tests that need it are skipped where it is not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

TIMEOUT = 300.0
STRICT = "-DCMAKE_COMPILE_WARNING_AS_ERROR=ON"


def find_cmake() -> str:
    """CMake on PATH, or the one that pip put beside this Python."""
    found = shutil.which("cmake") or shutil.which("cmake", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("needs cmake (pip install cmake, or Debian: cmake)")
    return found


def needs_arm_gcc(plus_plus: bool = False) -> None:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc (Debian: gcc-arm-none-eabi)")
    if plus_plus and shutil.which("arm-none-eabi-g++") is None:
        pytest.skip("needs arm-none-eabi-g++ (Debian: libstdc++-arm-none-eabi-newlib)")


def needs(toolchain: str, board: str) -> None:
    """Skip where a compiler for a board is missing."""
    if toolchain == "zig":
        pytest.importorskip("ziglang", reason="needs the package ziglang (pip install 'edgeq[sim]')")
    elif board != "host":
        needs_arm_gcc()


@dataclass(frozen=True)
class CMake:
    """One CMake; the Python of the tests is first on PATH, as in an activated environment."""

    path: str

    def configure(
        self, project: Path, *more: str, build: str = "build", env: Mapping[str, str] | None = None
    ) -> str:
        """What it says; fails where it fails."""
        return self._run(project, "-B", build, *more, env=env)

    def build(self, project: Path, build: str = "build") -> str:
        return self._run(project, "--build", build, "-j2")

    def both(self, project: Path, *more: str, build: str = "build") -> None:
        self.configure(project, *more, build=build)
        self.build(project, build)

    def refused(self, project: Path, *more: str, env: Mapping[str, str] | None = None) -> str:
        """What it says when it fails, on one line."""
        done = self._start(project, "-B", "build", *more, env=env)
        assert done.returncode != 0, done.stdout
        return " ".join(done.stdout.split())

    def _run(self, cwd: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        done = self._start(cwd, *arguments, env=env)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def _start(
        self, cwd: Path, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        given = {k: v for k, v in os.environ.items() if k not in ("CFLAGS", "TFLM_DIR")}
        return subprocess.run(
            [self.path, *arguments], cwd=cwd, timeout=TIMEOUT, check=False, text=True,
            env=given | {"PATH": path, "LC_ALL": "C"} | dict(env or {}),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
