"""What this machine has of what edgeq may need: found without importing or starting anything heavy."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.installed import Installed, Status, package, package_version

if TYPE_CHECKING:
    from edgeq.boards import Board


@dataclass(frozen=True)
class Need:
    """One thing that edgeq uses.

    Attributes:
        name: what it is.
        status: ``"ok"``, ``"missing"`` or ``"too old"``.
        found: version and place, or what was looked for.
        purpose: what edgeq does with it.
        command: the exact command that helps; empty where there is nothing to do.
        required: whether what was asked for (a board, or edgeq at all) cannot do without it.
    """

    name: str
    status: Status
    found: str
    purpose: str
    command: str = ""
    required: bool = False

    def to_dict(self) -> dict[str, object]:
        """As ``--json`` prints it."""
        return {
            "name": self.name,
            "status": self.status,
            "found": self.found,
            "purpose": self.purpose,
            "command": self.command,
            "required": self.required,
        }


def examine_machine(board: Board | None = None) -> tuple[Need, ...]:
    """Look at everything; what ``board`` needs, or without one what every verb needs, is marked as required.

    Returns:
        in the order in which they come up on the road.
    """
    hardware = board is not None and board.kind == "hardware"
    zig, gcc, native = _zig(), _gcc(), _native_compiler()
    compilers = [zig, native] if board is not None and board.is_host else [zig, gcc]
    builds = board is not None and not board.is_accelerator
    no_compiler = builds and all(need.status != "ok" for need in compilers)
    return (
        _python(),
        _platform(),
        _interpreter(),
        *_simulators(board),
        _required(zig, when=no_compiler),
        gcc,
        native,
        _package(
            "Pillow", "pillow", (10, 0), "reads folders of images as data", "pip install 'edgeq[images]'"
        ),
        _package(
            "tflite-micro", "tflite-micro", (0, 0), "judges --runtime tflm", "pip install 'edgeq[tflm]'"
        ),
        _tool(
            "arm-none-eabi-g++", "compiles --runtime tflm",
            "sudo apt-get install gcc-arm-none-eabi libstdc++-arm-none-eabi-newlib",
        ),
        _serial_ports(required=hardware),
        _writable("temporary folder", Path(tempfile.gettempdir()), "builds and serial logs in the making"),
        _writable("cache folder", cache_folder(), "the compiler keeps compiled runtime parts there"),
    )  # fmt: skip


def failed(needs: Sequence[Need]) -> tuple[Need, ...]:
    """Those that are required and not there."""
    return tuple(need for need in needs if need.required and need.status != "ok")


def cache_folder() -> Path:
    """Where caches of this user belong (``XDG_CACHE_HOME``, else ``~/.cache``)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _python() -> Need:
    enough = sys.version_info >= (3, 10)
    return Need(
        "Python", "ok" if enough else "too old", f"{platform.python_version()} at {sys.executable}",
        "everything", "" if enough else "install Python 3.10 or later", required=True,
    )  # fmt: skip


def _platform() -> Need:
    found = f"{platform.system()} {platform.release()} {platform.machine()}"
    return Need("platform", "ok", found, "edgeq is tested on Linux x86-64")


def _interpreter() -> Need:
    purpose = "calibrates, and is the oracle that devices are judged by"
    for name in ("ai-edge-litert", "tflite-runtime", "tensorflow"):
        version = package_version(name)
        if version is not None:
            return Need("interpreter", "ok", f"{name} {version}", purpose, required=True)
    tried = "none of ai-edge-litert, tflite-runtime, tensorflow"
    return Need("interpreter", "missing", tried, purpose, "pip install ai-edge-litert", required=True)


def _zig() -> Need:
    purpose = "compiles firmware (zig cc), the default"
    need = _package("ziglang", "ziglang", (0, 13), purpose, "pip install 'edgeq[sim]'")
    path = shutil.which("zig")
    if need.status == "missing" and path is not None:
        return Need("ziglang", "ok", f"zig {_first_line([path, 'version'])} at {path}", purpose)
    return need


def _gcc() -> Need:
    purpose = "compiles firmware for Cortex-M with --toolchain gcc, or where there is no zig"
    command = "sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi"
    return _tool("arm-none-eabi-gcc", purpose, command)


def _native_compiler() -> Need:
    return _tool("gcc", "compiles the board `host` where there is no zig", "sudo apt-get install gcc")


def _tool(name: str, purpose: str, command: str) -> Need:
    path = shutil.which(name)
    if path is None:
        return Need(name, "missing", "not on PATH", purpose, command)
    return Need(name, "ok", f"{_first_line([path, '-dumpfullversion'])} at {path}", purpose)


def _simulators(board: Board | None) -> Iterator[Need]:
    """Every simulator; the board's usual one is required."""
    from edgeq.boards.simulators import SIMULATORS
    from edgeq.targets.simulators import target_of

    for name, kind in SIMULATORS.items():
        required = board is not None and board.simulator == name
        yield _need(kind.program, target_of(name).installed(), kind.purpose, required=required)


def _serial_ports(*, required: bool) -> Need:
    purpose = "talks to real boards"
    if package_version("pyserial") is None:
        return Need("serial ports", "missing", "no pyserial", purpose, "pip install pyserial", required)
    from serial.tools import list_ports

    devices = sorted(port.device for port in list_ports.comports())
    refused = [device for device in devices if not os.access(device, os.R_OK | os.W_OK)]
    if refused:
        found = f"no permission for {', '.join(refused)}"
        return Need(
            "serial ports",
            "missing",
            found,
            purpose,
            "sudo usermod -aG dialout $USER, then log in again",
            required,
        )
    if not devices:
        tip = "plug the board in, or give --port socket://host:port" if required else ""
        return Need("serial ports", "missing" if required else "ok", "none connected", purpose, tip, required)
    return Need("serial ports", "ok", ", ".join(devices), purpose, required=required)


def _writable(name: str, folder: Path, purpose: str) -> Need:
    nearest = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return Need(name, "ok", str(folder), purpose, required=True)
    command = f"make {nearest} writable, or set {'TMPDIR' if name.startswith('temp') else 'XDG_CACHE_HOME'}"
    return Need(name, "missing", f"{folder} is not writable", purpose, command, required=True)


def _package(name: str, distribution: str, least: tuple[int, int], purpose: str, command: str) -> Need:
    return _need(name, package(distribution, least, command), purpose)


def _need(name: str, of: Installed, purpose: str, *, required: bool = False) -> Need:
    return Need(name, of.status, of.found, purpose, of.command, required)


def _required(need: Need, *, when: bool) -> Need:
    return Need(need.name, need.status, need.found, need.purpose, need.command, required=when)


def _first_line(
    command: list[str], run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
) -> str:
    """What a tool says of its version; it may be broken, so anything it does is survived."""
    try:
        done = run(command, capture_output=True, text=True, timeout=10, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return "(does not start)"
    lines = (done.stdout or "").splitlines()
    return lines[0].strip() if done.returncode == 0 and lines else "(unknown version)"
