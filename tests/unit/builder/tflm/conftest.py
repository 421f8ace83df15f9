"""A stand-in for TensorFlow Lite Micro: a tree of headers and libraries of our own with its names."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

CORES = {
    "m0": ("thumb-freestanding-eabi", "cortex_m0"),
    "m3": ("thumb-freestanding-eabi", "cortex_m3"),
    "m4": ("thumb-freestanding-eabi", "cortex_m4"),
    "m4f": ("thumb-freestanding-eabihf", "cortex_m4+vfp4d16sp"),
    "m7d": ("thumb-freestanding-eabihf", "cortex_m7+fp_armv8d16"),
}
"""Name to zig's target and cpu."""


def archive(members: Sequence[tuple[str, bytes]]) -> bytes:
    """A static library as GNU ar writes it, long names and all."""
    names = "".join(f"{name}/\n" for name, _ in members if len(name) > 15).encode()
    out = [b"!<arch>\n"]

    def add(name: str, data: bytes) -> None:
        out.append(f"{name:<16}{0:<12}{0:<6}{0:<6}{644:<8}{len(data):<10}`\n".encode())
        out.append(data + b"\n" * (len(data) % 2))

    if names:
        add("//", names)
    for name, data in members:
        place = names.find(f"{name}/\n".encode())
        add(f"/{place}" if place >= 0 else f"{name}/", data)
    return b"".join(out)


@pytest.fixture(scope="session")
def thumb_object(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], bytes]:
    """An object file for one of CORES."""
    pytest.importorskip("ziglang")
    folder = tmp_path_factory.mktemp("objects")
    made: dict[tuple[str, str], bytes] = {}

    def make(core: str, source: str = "float f(float x) { return x * 2.0f; }\n") -> bytes:
        if (core, source) not in made:
            target, cpu = CORES[core]
            place = folder / f"{len(made)}.c"
            place.write_text(source)
            subprocess.run(
                [sys.executable, "-m", "ziglang", "cc", "-target", target, f"-mcpu={cpu}", "-c", place.name,
                 "-o", f"{len(made)}.o"],
                cwd=folder, check=True, timeout=300, capture_output=True,
            )  # fmt: skip
            made[core, source] = (folder / f"{len(made)}.o").read_bytes()
        return made[core, source]

    return make


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The stand-in's headers, without a library."""
    return Path(shutil.copytree(HERE / "standin", tmp_path / "tflm"))


@pytest.fixture(scope="session")
def host_library(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The stand-in's library for this machine."""
    if shutil.which("g++") is None:
        pytest.skip("needs g++")
    return _compiled(["g++"], tmp_path_factory.mktemp("host"))


@pytest.fixture(scope="session")
def m4_library(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The stand-in's library for a Cortex-M4 with FPU."""
    if shutil.which("arm-none-eabi-g++") is None:
        pytest.skip("needs arm-none-eabi-g++ (Debian: gcc-arm-none-eabi, libstdc++-arm-none-eabi-newlib)")
    flags = ["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"]
    return _compiled(["arm-none-eabi-g++", *flags], tmp_path_factory.mktemp("m4"))


def _compiled(command: list[str], folder: Path) -> bytes:
    standin = HERE / "standin"
    includes = [f"-I{standin}", f"-I{standin / 'third_party/flatbuffers/include'}"]
    defines = ["-DTF_LITE_STATIC_MEMORY", "-DNDEBUG", "-DTF_LITE_STRIP_ERROR_STRINGS"]
    flags = ["-std=c++17", "-Os", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"]
    subprocess.run(
        [*command, *flags, *defines, *includes, "-c", str(standin / "standin.cc"), "-o", "standin.o"],
        cwd=folder, check=True, timeout=300,
    )  # fmt: skip
    ar = command[0].replace("g++", "ar")
    subprocess.run([ar, "rcs", "standin.a", "standin.o"], cwd=folder, check=True, timeout=60)
    return (folder / "standin.a").read_bytes()
