"""LiteRT, tflite-runtime or TensorFlow behind one class. Only the worker process makes an instance of it."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import ModelError, ToolMissingError
from edgeq.graph.variables import READ
from edgeq.graph.versions import with_versions
from edgeq.interpreter.tflm import tflm_name

Resolver = Literal["reference", "default", "optimized", "tflm"]
"""Which kernels run: ``reference`` the plain ones, ``default`` what the package chooses by itself (XNNPACK
where it can), ``optimized`` the package's own fast kernels without delegates, ``tflm`` those of TensorFlow
Lite Micro, which is another package (``edgeq.interpreter.tflm``)."""

Array = npt.NDArray[np.generic]

_PACKAGES = (
    ("ai_edge_litert", "ai-edge-litert", "ai_edge_litert.interpreter"),
    ("tflite_runtime", "tflite-runtime", "tflite_runtime.interpreter"),
    ("tensorflow", "tensorflow", "tensorflow.lite.python.interpreter"),
)
_RESOLVERS = {"reference": "BUILTIN_REF", "default": "AUTO", "optimized": "BUILTIN_WITHOUT_DEFAULT_DELEGATES"}
_OF_REFERENCE = {"ARG_MAX": 2, "ARG_MIN": 2, "DEPTH_TO_SPACE": 1, "TILE": 2}
"""The newest versions that LiteRT lists its reference kernels under, where the same kernels compute what
newer ones take: ARG_MAX and ARG_MIN of BOOL, int8 in the others."""


def _package() -> tuple[str, str, str]:
    for package in _PACKAGES:
        if importlib.util.find_spec(package[0]) is not None:
            return package
    raise ToolMissingError(
        "no TensorFlow Lite interpreter is installed",
        "install one: pip install ai-edge-litert (or tflite-runtime)",
    )


def preload() -> None:
    """Import what an :class:`Adaptor` will, where it is installed: what fails here fails again there."""
    with contextlib.suppress(Exception):
        importlib.import_module(_package()[2])


def oracle_name(resolver: Resolver = "reference") -> str:
    """Who judges, for reports: package, version and kernels, such as ``ai-edge-litert 2.3.0 BUILTIN_REF``.

    Raises:
        ToolMissingError: no interpreter is installed.
    """
    if resolver == "tflm":
        return tflm_name()
    _, distribution, _ = _package()
    try:
        version = importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        version = "(unknown version)"
    return f"{distribution} {version} {_RESOLVERS[resolver]}"


def _listed(model: bytes) -> bytes:
    """A file in the versions of the reference kernels; one that is none as it is, for LiteRT to refuse."""
    try:
        return with_versions(model, _OF_REFERENCE)
    except ModelError:
        return model


class Adaptor:
    """One loaded model, ready to invoke.

    Args:
        model: the .tflite file.
        resolver: which kernels run.
        preserve_all_tensors: keep every intermediate tensor readable after an invoke.
        threads: how many threads the kernels use; some choose another algorithm for more than one.

    Raises:
        ToolMissingError: no interpreter is installed.
        ValueError, RuntimeError: the interpreter refuses the model.
    """

    def __init__(
        self, model: bytes, resolver: Resolver, *, preserve_all_tensors: bool = False, threads: int = 1
    ) -> None:
        module = importlib.import_module(_package()[2])
        self._make: Callable[[], Any] = functools.partial(
            module.Interpreter,
            model_content=_listed(model) if resolver == "reference" else model,
            num_threads=threads,
            experimental_op_resolver_type=getattr(module.OpResolverType, _RESOLVERS[resolver]),
            experimental_preserve_all_tensors=preserve_all_tensors,
        )
        self._open()
        self._has_resources = any(op["op_name"] == READ for op in self._interpreter._get_ops_details())

    def _open(self) -> None:
        self._is_new = True
        self._interpreter: Any = self._make()
        self._interpreter.allocate_tensors()
        self._inputs: list[dict[str, Any]] = self._interpreter.get_input_details()
        self._outputs: list[dict[str, Any]] = self._interpreter.get_output_details()

    def reset(self) -> None:
        """Have everything that the model keeps be what it was at first.

        ``reset_all_variables`` leaves resource variables as they are: a new interpreter sets these.
        """
        if self._has_resources:
            if not self._is_new:
                self._open()
        else:
            self._interpreter.reset_all_variables()

    @property
    def inputs(self) -> list[tuple[tuple[int, ...], np.dtype[np.generic]]]:
        """Shape and dtype of each input."""
        return [(tuple(int(n) for n in d["shape"]), np.dtype(d["dtype"])) for d in self._inputs]

    def invoke(self, sample: Sequence[Array]) -> None:
        """Run the model once on one array per input, each of the input's shape and dtype."""
        self._is_new = False
        for detail, array in zip(self._inputs, sample, strict=True):
            self._interpreter.set_tensor(detail["index"], array)
        self._interpreter.invoke()

    def outputs(self) -> list[Array]:
        """A copy of each output."""
        return [self._interpreter.get_tensor(detail["index"]) for detail in self._outputs]

    def indices(self) -> list[int]:
        """Every tensor that the model has."""
        return [int(detail["index"]) for detail in self._interpreter.get_tensor_details()]

    def copy(self, index: int) -> Array:
        """A copy of any tensor by index. ValueError where it holds nothing."""
        array: Array = self._interpreter.get_tensor(index)
        return array

    def address(self, index: int) -> int:
        """Where a tensor's memory begins."""
        return int(self.view(index).ctypes.data)

    def view(self, index: int) -> Array:
        """A tensor's own memory, valid until the next call."""
        array: Array = self._interpreter.tensor(index)()
        return array
