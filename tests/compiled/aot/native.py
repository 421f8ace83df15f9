"""A generated network as a shared library of this machine."""

from __future__ import annotations

import ctypes
import hashlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np

from edgeq.backends.aot import placement, schedule
from edgeq.backends.aot.generate import generate
from edgeq.backends.project.budget import Budget
from edgeq.backends.project.project import Project
from edgeq.boards import load_board
from edgeq.graph import Graph, model_hash, write_model

WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror", "-std=c99")
_FOLDERS = ("src/network/", "src/kernels/")
_TRIES = 20


@contextmanager
def few_plans() -> Iterator[None]:
    """Few plans and orders are tried: a network of many has room for hundreds, and each has to be exact."""
    with patch.object(placement, "_TRIES", _TRIES), patch.object(schedule, "_TRIES", _TRIES):
        yield


def compiled_graph(
    graph: Graph, model: bytes | None = None, board: str = "host", budget: Budget | None = None
) -> Project:
    """The project of a graph that the checker has not seen: these tests are about the backend alone."""
    data = write_model(graph) if model is None else model
    checked: Any = SimpleNamespace(
        model=data, graph=graph, sha256=model_hash(data), runtime="aot", findings=()
    )
    return generate(checked, load_board(board), budget=budget)


def compiler() -> list[str]:
    """zig, which every machine that builds edgeq has."""
    return [sys.executable, "-m", "ziglang", "cc"]


TYPES = ("int8", "uint8", "float32", "int16", "int32", "int64", "bool")
"""By the number that edgeq_runtime.h gives each."""


class Tensor(ctypes.Structure):
    """``edgeq_tensor`` of edgeq_runtime.h."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("bytes", ctypes.c_uint32),
        ("type", ctypes.c_uint8),
        ("zero_point", ctypes.c_int32),
        ("scale", ctypes.c_float),
        ("name", ctypes.c_char_p),
    )


class Native:
    """The network of a project, compiled and loaded, with more C beside it where a test brings some.

    A project for a core with the DSP extension runs here with its instructions emulated.
    """

    def __init__(self, project: Project, folder: Path, *flags: str, more: str = "") -> None:
        self.project = project
        for path, data in project.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        sources = [p for p in project.files if p.endswith(".c") and p.startswith(_FOLDERS)]
        if more:
            (folder / "more.c").write_text(more)
            sources.append("more.c")
        tag = hashlib.sha256(repr((sorted(project.manifest["files"].items()), flags)).encode()).hexdigest()[
            :16
        ]
        library = folder / f"network-{tag}.so"
        includes = [f"-I{folder / d}" for d in ("src/network", "src/kernels", "src/common")]
        command = [*compiler(), "-shared", "-fPIC", "-O1", *WARNINGS, *flags, *includes, "-o", str(library)]
        done = subprocess.run(
            [*command, *(str(folder / s) for s in sources)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.library = ctypes.CDLL(str(library))
        for name in ("edgeq_input", "edgeq_output"):
            getattr(self.library, name).restype = ctypes.POINTER(Tensor)
        assert self.library.edgeq_runtime_init() == 0
        self.inputs = [self.library.edgeq_input(i).contents for i in range(self.library.edgeq_input_count())]
        self.outputs = [
            self.library.edgeq_output(i).contents for i in range(self.library.edgeq_output_count())
        ]

    def run(self, inputs: Sequence[np.ndarray], begins: np.ndarray | None = None) -> list[np.ndarray]:
        """One [n, …] array for each input; gives [n, elements] for each output.

        Args:
            begins: before which samples what the model keeps is reset.
        """
        n = len(inputs[0])
        types = [np.dtype(TYPES[t.type]) for t in self.outputs]
        sizes = [t.bytes // d.itemsize for t, d in zip(self.outputs, types, strict=True)]
        results = [np.zeros((n, size), dtype) for size, dtype in zip(sizes, types, strict=True)]
        for i in range(n):
            if begins is not None and begins[i]:
                assert self.library.edgeq_runtime_reset() == 0
            for tensor, x in zip(self.inputs, inputs, strict=True):
                data = np.ascontiguousarray(x[i]).tobytes()
                assert len(data) == tensor.bytes
                ctypes.memmove(tensor.data, data, tensor.bytes)
            assert self.library.edgeq_runtime_invoke() == 0
            for tensor, result in zip(self.outputs, results, strict=True):
                result[i] = np.frombuffer(ctypes.string_at(tensor.data, tensor.bytes), result.dtype)
        return results
