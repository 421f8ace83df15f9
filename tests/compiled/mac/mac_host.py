"""The kernels compiled for this machine, and called as generated code calls them."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.boards.cores import CORES

KERNELS = Path(__file__).resolve().parents[3] / "firmware_templates" / "aot" / "kernels"
_STEMS = ("gather", "conv", "depthwise", "fully_connected")
WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror"]


def sources(family: str) -> list[Path]:
    """The C files of a family's MAC kernels of int8."""
    return sorted(
        p
        for stem in _STEMS
        for p in KERNELS.glob(f"edgeq_{stem}_*.c")
        if f"_{family}" in p.name and not p.stem.endswith("_s16")
    )


_TYPES = {"int8_t": ctypes.c_int8, "edgeq_size": ctypes.c_uint16, "int32_t": ctypes.c_int32}


def structure(params_type: str, pointer: type) -> type[ctypes.Structure]:
    """A parameter struct as its header has it, with pointers of that type."""
    text = re.sub(r"/\*.*?\*/", "", (KERNELS / f"{params_type}.h").read_text(), flags=re.S)
    for body, name in re.findall(r"typedef struct \{(.*?)\} (\w+);", text, flags=re.S):
        if name == params_type:
            fields = []
            for declaration in body.split(";"):
                words = re.findall(r"\w+", declaration.replace("const", ""))
                kind = pointer if "*" in declaration else _TYPES.get(words[0]) if words else None
                fields += [(word, kind) for word in words[1:]]
            return type("Params", (ctypes.Structure,), {"_fields_": fields})
    raise KeyError(params_type)


def compiler() -> list[str] | None:
    """A C compiler of this machine."""
    for name in ("gcc", "cc", "clang"):
        if shutil.which(name):
            return [name]
    try:
        import ziglang  # noqa: F401
    except ImportError:
        return None
    return [sys.executable, "-m", "ziglang", "cc"]


def compile_library(folder: Path, family: str, *flags: str) -> Path:
    """All MAC kernels of a family as a shared library, with the plain ones that it takes beside its own."""
    command = compiler()
    assert command is not None
    files = sources(family) + (sources("plain") if family != "plain" else [])
    path = folder / "kernels.so"
    subprocess.run(
        [*command, *WARNINGS, "-O1", "-fPIC", "-shared", *flags, "-o", str(path), *map(str, files)],
        check=True,
        timeout=300,
    )
    return path


def params_of(step: Step) -> tuple[ctypes.Structure, dict[str, np.ndarray]]:
    """A step's parameters as the kernel reads them, and the arrays that they point to."""
    arrays = {c.suffix: np.ascontiguousarray(c.values) for c in step.constants}
    places = {name: array.ctypes.data for name, array in arrays.items()}
    return filled(step, ctypes.c_void_p, places), arrays


def filled(step: Step, pointer: type, places: dict[str, int]) -> ctypes.Structure:
    """A step's parameters, with its arrays at these addresses."""
    params = structure(step.params_type, pointer)()
    assert {name for name, *_ in params._fields_} == set(step.params)
    for name, value in step.params.items():
        wanted = places[value] if isinstance(value, str) else value or 0
        setattr(params, name, wanted)
        assert (getattr(params, name) or 0) == wanted, f"{step.title}: {name}"
    return params


TARGETS = {
    "plain": Target(CORES["native"]),
    "v7m": Target(CORES["cortex-m3"]),
    "v6m": Target(CORES["cortex-m0"]),
    "dsp": Target(CORES["cortex-m4"]),
}
"""What a family's kernels are lowered for."""


class Host:
    """Runs steps in a shared library of a family's kernels."""

    def __init__(self, library: Path, family: str = "plain") -> None:
        self.library = ctypes.CDLL(str(library))
        self.target = TARGETS[family]

    def run(self, step: Step, samples: np.ndarray, output_shape: tuple[int, ...]) -> np.ndarray:
        """The step's output for each of [n, …] int8 inputs; guard bytes around every buffer must survive."""
        params, _arrays = params_of(step)
        size = int(np.prod(output_shape))
        guard = 64
        results = []
        for sample in samples:
            source = np.full(sample.size + 2 * guard, 91, np.int8)
            source[guard:-guard] = sample.reshape(-1)
            output = np.full(size + 2 * guard, 92, np.int8)
            scratch = np.full((step.scratch or 0) + 2 * guard, 93, np.int8)
            pointers = [a.ctypes.data + guard for a in (source, output, scratch)]
            getattr(self.library, step.kernel)(ctypes.byref(params), *(ctypes.c_void_p(p) for p in pointers))
            for buffer, value in ((source, 91), (output, 92), (scratch, 93)):
                assert np.all(buffer[:guard] == value) and np.all(buffer[-guard:] == value), step.title
            assert np.array_equal(source[guard:-guard], sample.reshape(-1))
            results.append(output[guard:-guard].reshape(output_shape).copy())
        return np.stack(results)
