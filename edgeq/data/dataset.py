"""What data is, and how real values become a tensor's integers and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError
from edgeq.features.preprocessing import Steps
from edgeq.graph.model import QuantParams, Tensor
from edgeq.interpreter import sample_shape

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples for a model, and their labels.

    Attributes:
        x: one array per model input, ``[n, *shape[1:]]``: float32 real values, or the input's own integer
            type.
        y: labels, int64 ``[n]``; None where there are none.
        source: where it came from, for reports.
        notes: what was done to it on the way, in sentences.
        is_random: whether it is noise, which says nothing of the model's accuracy or of its inputs' range.
        targets: of a regression, the values that the output should have, float32 ``[n, ...]``; None where
            there are none. Never beside ``y``.
        output: which of the model's outputs labels or targets are of.
        batch: how many samples each entry of ``x`` holds, for a model that takes so many at once.
        filled: how many samples at the end are only there to make a batch whole.
        raw: of each input, the raw samples that ``x`` was made of by its stages, None where there are none;
            empty where no input has any.
        preprocessing: what raw values of each input have undergone; empty where nothing was done.
        lengths: of sequences, how many samples each has, in their order; None where each sample is one of its
            own. What a model keeps between inferences is reset where one begins.
    """

    x: tuple[Array, ...]
    y: npt.NDArray[np.int64] | None
    source: str
    notes: tuple[str, ...] = ()
    is_random: bool = False
    targets: npt.NDArray[np.float32] | None = None
    output: int = 0
    preprocessing: Steps = ()
    lengths: tuple[int, ...] | None = None
    batch: int = 1
    filled: int = 0
    raw: tuple[Array | None, ...] = ()

    def __post_init__(self) -> None:
        if self.batch > 1 and self.lengths is not None:
            raise DataError(
                f"{self.source} has sequences, whose samples no batch of {self.batch} can hold together",
                f"give whole batches, step by step: arrays of [sequences, steps, {self.batch}, ...]",
            )

    def __len__(self) -> int:
        return len(self.x[0])

    @property
    def samples(self) -> int:
        """How many samples there are, whatever batches they come in."""
        return len(self) * self.batch - self.filled

    def apart(self, outputs: Sequence[Array]) -> list[Array]:
        """Outputs of a model, ``[n, ...]`` by batches, as one entry a sample.

        Raises:
            DataError: an output is not one of a batch.
        """
        if self.batch == 1:
            return list(outputs)
        if any(output.shape[1:2] != (self.batch,) for output in outputs):
            raise DataError(
                f"{self.source} is taken in batches of {self.batch}, and an output has another number",
                f"give whole batches: arrays of [n, {self.batch}, ...]",
            )
        return [output.reshape(-1, *output.shape[2:])[: self.samples] for output in outputs]

    @property
    def is_labelled(self) -> bool:
        """Whether it says what the answers should be."""
        return self.y is not None or self.targets is not None

    @property
    def begins(self) -> npt.NDArray[np.bool_]:
        """Of each sample, whether a sequence begins with it."""
        if self.lengths is None:
            return np.ones(len(self), np.bool_)
        found: npt.NDArray[np.bool_] = np.zeros(len(self), np.bool_)
        found[np.cumsum((0, *self.lengths[:-1]))] = True
        return found

    def first(self, count: int | None) -> Dataset:
        """The first ``count`` samples; all for None."""
        if count is None or count >= self.samples:
            return self
        batches = -(-count // self.batch)
        return replace(
            self,
            x=tuple(array[:batches] for array in self.x),
            raw=tuple(None if array is None else array[:batches] for array in self.raw),
            filled=batches * self.batch - count,
            y=None if self.y is None else self.y[:count],
            targets=None if self.targets is None else self.targets[:count],
            lengths=None if self.lengths is None else _cut(self.lengths, count),
        )


def _cut(lengths: Sequence[int], count: int) -> tuple[int, ...]:
    """The lengths of the sequences that the first ``count`` samples are, of which the last may be cut."""
    ends = np.minimum(np.cumsum(lengths), count)
    kept = np.diff(ends, prepend=0)
    return tuple(int(length) for length in kept[kept > 0])


def random_data(
    inputs: Sequence[Tensor], samples: int, seed: int = 0, *, steps: int | None = None
) -> Dataset:
    """Seeded noise: integers over their type's whole range, floats in [-1, 1).

    Args:
        inputs: the model's inputs.
        samples: how many, at least 1.
        seed: the same seed gives the same data.
        steps: samples of a sequence; None where each is one of its own.

    Raises:
        DataError: fewer than one sample, or an input of a type that has no plain values.
    """
    if samples < 1:
        raise DataError(f"{samples} random samples", "ask for at least one sample")
    generator = np.random.default_rng(seed)
    noise, raw = zip(*(_noise_of(generator, tensor, samples) for tensor in inputs), strict=True)
    lengths = None if steps is None else _cut([steps] * samples, samples)
    known = raw if any(array is not None for array in raw) else ()
    return Dataset(noise, None, f"random, seed {seed}", is_random=True, lengths=lengths, raw=known)


def _noise_of(generator: np.random.Generator, tensor: Tensor, samples: int) -> tuple[Array, Array | None]:
    """Values of an input, and the raw samples that they are made of, if the input has stages."""
    step = tensor.preprocessing
    if step is None or not step.stages:
        return _noise(generator, tensor, samples), None
    form = step.forms[0]
    low, high = integer_range(form.numpy)
    raw = generator.integers(low, high, (samples, *form.shape), dtype=form.dtype, endpoint=True)
    return step.real(raw).reshape(samples, *sample_shape(tensor.shape)), raw


def _noise(generator: np.random.Generator, tensor: Tensor, samples: int) -> Array:
    shape = (samples, *sample_shape(tensor.shape))
    if tensor.dtype.is_float:
        return generator.uniform(-1.0, 1.0, shape).astype(np.float32)
    try:
        dtype = tensor.dtype.numpy
    except KeyError:
        dtype = np.dtype(object)
    if dtype.kind == "b":
        return generator.integers(0, 2, shape).astype(dtype)
    if dtype.kind not in "iu":
        raise DataError(f"no random values for input '{tensor.name}' of type {tensor.dtype.value}")
    low, high = integer_range(dtype)
    values: Array = generator.integers(low, high, shape, dtype=dtype.name, endpoint=True)
    return values


def integer_range(dtype: np.dtype[np.generic]) -> tuple[int, int]:
    """The smallest and largest value of an integer dtype."""
    bits = 8 * dtype.itemsize
    return (0, 2**bits - 1) if dtype.kind == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def quantize_input(x: Array, tensor: Tensor) -> Array:
    """Real values as integers of a tensor's type: divided, rounded, offset, clipped to the type's range.

    Divides in float32 and rounds halves away from zero, as LiteRT's QUANTIZE operator does, so that a model
    with float input and one with integer input see the same integers. Values that already have the tensor's
    own integer type pass through, and a float tensor takes the values as float32.

    Raises:
        DataError: the tensor is of an integer type without quantization, and ``x`` is not of that type.
    """
    if tensor.dtype.is_float:
        return x.astype(np.float32)
    dtype = tensor.dtype.numpy
    if x.dtype == dtype:
        return x
    quant = _quant(tensor)
    steps = (x.astype(np.float32) / np.float32(quant.scale)).astype(np.float64)
    # in float64 adding a half is exact, and cannot round up what is just below it
    rounded = np.trunc(steps + np.copysign(0.5, steps)) + quant.zero_point
    clipped: Array = np.clip(rounded, *integer_range(dtype)).astype(dtype)
    return clipped


def dequantize(q: Array, tensor: Tensor) -> npt.NDArray[np.float32]:
    """A tensor's integers as real values, float32; floats, and numbers that are not quantized, stay."""
    if tensor.dtype.is_float or tensor.quant is None:
        return q.astype(np.float32)
    quant = _quant(tensor)
    steps: npt.NDArray[np.float32] = (q.astype(np.int64) - quant.zero_point).astype(np.float32)
    real: npt.NDArray[np.float32] = steps * np.float32(quant.scale)
    return real


def _quant(tensor: Tensor) -> QuantParams:
    if tensor.quant is None or tensor.quant.is_per_channel:
        raise DataError(
            f"tensor '{tensor.name}' ({tensor.dtype.value}) has no scale to turn real values into integers",
            f"give data of type {tensor.dtype.value.lower()}",
        )
    return tensor.quant
