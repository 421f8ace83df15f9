"""What is asked of an interpreter: samples go to the child a few at a time, answers come back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError
from edgeq.graph import DType, read_model
from edgeq.interpreter.adaptor import Array, Resolver
from edgeq.interpreter.child import Child

TIMEOUT = 60.0
"""Seconds that a worker may be silent: to load the model, or to run the next samples (a second's worth)."""
MEMORY = 4 << 30
"""Bytes that a worker may allocate."""
_CHUNK_SAMPLES = 32
_CHUNK_BYTES = 1 << 20
_CHUNK_SECONDS = 1.0

Advance = Callable[[int, int], None]
Begins = Sequence[bool] | npt.NDArray[np.bool_]
"""Of each sample, whether a sequence begins with it."""


def sample_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """The shape of one sample of a tensor: without the batch dimension where that is 1."""
    return tuple(shape[1:]) if shape and shape[0] == 1 else tuple(shape)


def run(
    model: bytes,
    inputs: Sequence[Array],
    *,
    begins: Begins | None = None,
    resolver: Resolver = "reference",
    timeout: float = TIMEOUT,
    memory: int = MEMORY,
    advance: Advance | None = None,
) -> list[Array]:
    """Run a model on samples, one invoke each, in a child process.

    Args:
        model: the .tflite file.
        inputs: one array per model input, ``[n, *shape[1:]]`` (``[n, *shape]`` where the model's batch is not
            1), of the input's dtype.
        begins: of each sample, whether what the model keeps is reset before it; None for all. A model without
            a state does not care.
        resolver: which kernels run; ``reference`` is the oracle.
        timeout: seconds that the interpreter may be silent while loading or running a few samples.
        memory: bytes that the child may allocate.
        advance: called with (samples done, samples in all).

    Returns:
        One array per model output, ``[n, *shape[1:]]``, raw values of the output's own type.

    Raises:
        ModelError: the interpreter refuses the model, crashes on it, or is silent for too long.
        DataError: the inputs are not what the model takes.
        ToolMissingError: no interpreter is installed.
    """
    chunks = _stream(
        model, inputs, "outputs", begins=begins, resolver=resolver, timeout=timeout, memory=memory,
        advance=advance,
    )  # fmt: skip
    return [_join(parts) for parts in zip(*(arrays for _, arrays in chunks), strict=True)]


def run_all_tensors(
    model: bytes,
    inputs: Sequence[Array],
    *,
    begins: Begins | None = None,
    resolver: Resolver = "reference",
    timeout: float = TIMEOUT,
) -> dict[int, Array]:
    """As :func:`run`; every tensor by its index, constants too, ``[n, *shape]``.

    For a few samples only.
    """
    parts: dict[int, list[Array]] = {}
    for indices, arrays in _stream(
        model, inputs, "tensors", begins=begins, resolver=resolver, timeout=timeout
    ):
        for index, array in zip(indices, arrays, strict=True):
            parts.setdefault(index, []).append(array)
    return {index: np.concatenate(chunks) for index, chunks in parts.items()}


def ranges(
    model: bytes,
    inputs: Sequence[Array],
    *,
    tensors: Sequence[int] | None = None,
    resolver: Resolver = "optimized",
    timeout: float = TIMEOUT,
    advance: Advance | None = None,
) -> dict[int, tuple[float, float]]:
    """Smallest and largest value of float tensors over all samples; nothing else is kept.

    Args:
        model, inputs, timeout, advance: as in :func:`run`.
        tensors: which tensors; None for every float32 activation of the model.
        resolver: ``optimized`` are the kernels that LiteRT's own calibrator runs.

    Returns:
        (min, max) by tensor index; NaN where a value was not a number.

    Raises:
        as :func:`run`.
    """
    watched = _float_activations(model) if tensors is None else list(tensors)
    low = np.full(len(watched), np.inf, np.float32)
    high = np.full(len(watched), -np.inf, np.float32)
    for _, arrays in _stream(
        model, inputs, "ranges", tensors=watched, resolver=resolver, timeout=timeout, advance=advance
    ):
        low = np.minimum(low, cast(Any, arrays[0]))
        high = np.maximum(high, cast(Any, arrays[1]))
    return {index: (float(low[i]), float(high[i])) for i, index in enumerate(watched)}


def observe(
    model: bytes,
    inputs: Sequence[Array],
    observer: str,
    plan: dict[str, Any],
    *,
    begins: Begins | None = None,
    resolver: Resolver = "optimized",
    timeout: float = TIMEOUT,
    advance: Advance | None = None,
) -> list[Array]:
    """Have an observer look at the tensors after each sample, in the child: only its findings come back.

    Args:
        model, inputs, resolver, timeout, advance: as in :func:`ranges`.
        observer: ``module:class`` of a :class:`edgeq.interpreter.worker.Observer`.
        plan: what it is made with, of JSON's types.
        begins: as in :func:`run`.

    Returns:
        The arrays of its ``result()``.

    Raises:
        as :func:`run`.
    """
    found: list[Array] = []
    for _, arrays in _stream(
        model, inputs, "observe", more={"observer": observer, "plan": plan, "samples": len(inputs[0])},
        begins=begins, resolver=resolver, timeout=timeout, advance=advance,
    ):  # fmt: skip
        found = arrays
    return found


def compute(
    function: str, plan: dict[str, Any], arrays: Sequence[Array], blob: bytes, *, timeout: float = 600.0
) -> list[Array]:
    """Call a function in a child process, where numpy's products have one thread.

    Several threads fight for the cores of a busy machine, and make small products many times slower.

    Args:
        function: ``module:name`` of one that takes the plan, the arrays and the blob, and returns arrays.
        plan: of JSON's types.
        timeout: seconds that it may take.

    Raises:
        ModelError: the function failed, or took too long.
    """
    with Child(timeout, imports=[_module(function)]) as worker:
        head = {"mode": "compute", "memory": MEMORY, "function": function, "plan": plan}
        _, found = worker.ask(head, arrays, blob)
    return found


def overwritten(
    model: bytes,
    pairs: Sequence[tuple[int, int]],
    *,
    resolver: Resolver = "optimized",
    timeout: float = TIMEOUT,
) -> tuple[tuple[int, int], ...]:
    """Which pairs of an operator's input and output the interpreter keeps in the same memory.

    Args:
        model, resolver, timeout: as in :func:`run`.
        pairs: (input, output) tensor indices of operators.

    Raises:
        ModelError, ToolMissingError: as :func:`run`.
    """
    with Child(timeout) as worker:
        answer = worker.load(model, "addresses", resolver=resolver, memory=MEMORY, pairs=pairs)
    return tuple((int(first), int(second)) for first, second in answer["shared"])


def prepare(model: bytes, *, resolver: Resolver = "reference", timeout: float = TIMEOUT) -> None:
    """Load a model and allocate its tensors, and run nothing.

    Args:
        model, resolver, timeout: as in :func:`run`.

    Raises:
        ModelError: the interpreter refuses the model.
        ToolMissingError: no interpreter is installed.
    """
    with Child(timeout) as worker:
        worker.load(model, "outputs", resolver=resolver, memory=MEMORY)


def smallest_arena(model: bytes, *, timeout: float = TIMEOUT) -> int:
    """The fewest bytes of arena with which TensorFlow Lite Micro runs a model on this machine.

    Its pointers are of 64 bits, so a microcontroller needs less for what TFLM keeps; optimized kernels may
    need more for scratch.

    Raises:
        ModelError, ToolMissingError: as :func:`run`.
    """
    with Child(timeout) as worker:
        return int(worker.load(model, "arena", resolver="tflm", memory=MEMORY)["arena"])


def _float_activations(model: bytes) -> list[int]:
    graph = read_model(model)
    made = [*graph.inputs, *(index for op in graph.operators for index in op.outputs)]
    return [index for index in dict.fromkeys(made) if index >= 0 and graph[index].dtype is DType.FLOAT32]


def _module(name: str) -> str:
    return name.partition(":")[0]


def _join(chunks: Sequence[Array]) -> Array:
    """Chunks of [k, *tensor shape] as one [n, *sample shape]."""
    whole = np.concatenate(chunks)
    return whole.reshape(len(whole), *sample_shape(whole.shape[1:]))


def _stream(
    model: bytes,
    inputs: Sequence[Array],
    mode: str,
    *,
    tensors: Sequence[int] = (),
    more: dict[str, Any] | None = None,
    begins: Begins | None = None,
    resolver: Resolver,
    timeout: float,
    memory: int = MEMORY,
    advance: Advance | None = None,
) -> Iterator[tuple[list[int], list[Array]]]:
    count = len(inputs[0]) if inputs else 0
    if not count or any(len(array) != count for array in inputs):
        raise DataError("every model input needs the same number of samples, at least one")
    anew = [True] * count if begins is None else [bool(begin) for begin in begins]
    if len(anew) != count:
        raise DataError(f"{count} samples, and {len(anew)} are told to begin anew or not")
    observer = [] if more is None else [_module(more["observer"])]
    with Child(timeout, imports=observer) as worker:
        answer = worker.load(model, mode, resolver=resolver, memory=memory, tensors=tensors, more=more)
        _match(answer["inputs"], inputs)
        size = max(1, sum(array[:1].nbytes for array in inputs))
        most = max(1, min(_CHUNK_SAMPLES, _CHUNK_BYTES // size))
        start, step = 0, 1
        while start < count:
            begun = time.monotonic()
            now = slice(start, start + step)
            answer, arrays = worker.ask({"begins": anew[now]}, [array[now] for array in inputs])
            each = (time.monotonic() - begun) / step
            start = min(start + step, count)
            if advance is not None:
                advance(start, count)
            yield answer["indices"], arrays
            step = max(1, min(most, int(_CHUNK_SECONDS / max(each, 1e-6))))


def _match(expected: list[tuple[list[int], str]], inputs: Sequence[Array]) -> None:
    if len(expected) != len(inputs):
        raise DataError(f"the model has {len(expected)} inputs, the data {len(inputs)}")
    for position, ((shape, dtype), array) in enumerate(zip(expected, inputs, strict=True)):
        if array.shape[1:] != sample_shape(shape) or array.dtype != np.dtype(dtype):
            raise DataError(
                f"input {position} takes {np.dtype(dtype)} {list(sample_shape(shape))} a sample, "
                f"the data is {array.dtype} {list(array.shape[1:])}"
            )
