"""TensorFlow Lite Micro's interpreter for this machine, the wheel tflite-micro. Only the worker uses it.

It runs TFLM's reference kernels. Firmware with TFLM is judged against it: TFLM's kernels do not round as
LiteRT's do everywhere.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import ToolMissingError
from edgeq.graph import read_model
from edgeq.graph.variables import keeps_state

Array = npt.NDArray[np.generic]

_DISTRIBUTION = "tflite-micro"
_PLENTY = 64 << 20
"""Bytes of arena where nobody asks how many are needed: more than any microcontroller has."""
_STEP = 16
"""TFLM aligns what it allocates to this many bytes."""
_PATIENCE = 60
"""Seconds after which one attempt is given up."""


def _require() -> None:
    if importlib.util.find_spec("tflite_micro") is None:
        raise ToolMissingError(
            "TensorFlow Lite Micro's own interpreter is not installed, by which firmware with TFLM is judged",
            "install it with: pip install 'edgeq[tflm]'",
        )


def _runtime() -> Any:
    _require()
    return importlib.import_module("tflite_micro").runtime


def tflm_name() -> str:
    """The oracle's name, such as ``tflite-micro 0.dev20261023182759 reference``.

    Raises:
        ToolMissingError: it is not installed.
    """
    _require()
    return f"{_DISTRIBUTION} {importlib.metadata.version(_DISTRIBUTION)} reference"


class TflmAdaptor:
    """One loaded model, ready to invoke.

    Args:
        model: the .tflite file.
        arena: bytes of the tensor arena.

    Raises:
        ToolMissingError: the wheel is not installed.
        RuntimeError: TFLM refuses the model, or the arena is too small for it.
    """

    def __init__(self, model: bytes, arena: int = _PLENTY) -> None:
        self._graph = read_model(model)
        self._make: Callable[[], Any] = functools.partial(
            _runtime().Interpreter.from_bytes, model, arena_size=arena
        )
        self._interpreter = self._make()
        self._has_run = False

    def reset(self) -> None:
        """Have everything that the model keeps be what it was at first.

        TFLM's own reset gives resource variables their zero point, whatever CALL_ONCE had set them to.
        """
        if self._has_run and keeps_state(self._graph):
            self._interpreter = self._make()

    @property
    def inputs(self) -> list[tuple[tuple[int, ...], np.dtype[np.generic]]]:
        """Shape and dtype of each input."""
        return [(tensor.shape, np.dtype(tensor.dtype.numpy)) for tensor in self._graph.input_tensors]

    def invoke(self, sample: Sequence[Array]) -> None:
        """Run the model once on one array per input, each of the input's shape and dtype."""
        self._has_run = True
        for index, array in enumerate(sample):
            self._interpreter.set_input(array, index)
        self._interpreter.invoke()

    def outputs(self) -> list[Array]:
        """A copy of each output."""
        return [np.array(self._interpreter.get_output(index)) for index in range(len(self._graph.outputs))]


def smallest_arena(model: bytes) -> int:
    """The fewest bytes of arena, a multiple of 16, with which a whole inference works here.

    TFLM's own figure (``arena_used_bytes``) leaves out what planning takes, so real inferences decide.

    Raises:
        RuntimeError: the model does not run with any arena.
    """
    zeros = [np.zeros(shape, dtype) for shape, dtype in TflmAdaptor(model).inputs]

    def works(size: int) -> bool:
        """In a process of its own: short of memory, some kernels follow a null pointer instead of failing."""
        child = os.fork()
        if child == 0:
            signal.alarm(_PATIENCE)
            try:
                TflmAdaptor(model, size).invoke(zeros)
            except BaseException:
                os._exit(1)
            os._exit(0)
        return os.waitpid(child, 0)[1] == 0

    high = 1024
    while not works(high):
        if high >= _PLENTY:
            raise RuntimeError(f"no arena up to {_PLENTY >> 20} MB is enough for this model")
        high *= 2
    low = high // 2 if high > 1024 else 0
    while high - low > _STEP:
        middle = (low + high) // 2 // _STEP * _STEP
        low, high = (low, middle) if works(middle) else (middle, high)
    return high
