"""What a raw sample undergoes before it is the real values that an input takes.

It belongs to the model: a device that leaves it out, or computes it otherwise, computes nonsense. So it is
said once, stands in the model's file as metadata of edgeq's own, and goes with the inputs from calibration
data to the project, where the same integers come of it in C.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.features.form import Array, Form
from edgeq.features.raw import RESIZE, ImageForm, Raw, raw_of
from edgeq.features.stage import Stage
from edgeq.features.stages import stages

METADATA = "edgeq_preprocessing"
"""The metadata's name in a .tflite file."""
_KEYS = {"mean", "std", "raw", "stages"}
_MOST_STAGES = 32
_AT_ONCE = 64
"""Samples, so that what lies between stages does not fill the memory."""
_MOST_ELEMENTS = 1 << 24


@dataclass(frozen=True)
class Preprocessing:
    """real = (value - mean) / std, in float32, where value is what the stages make of raw integers.

    Attributes:
        raw: what a raw sample is; None where nothing but its numbers is known.
        stages: what is done to it first, in order; each gives integers.

    Raises:
        ValueError: the stages do not fit each other, or there is no raw form for the first.
    """

    mean: float
    std: float
    raw: Raw | None = None
    stages: tuple[Stage, ...] = ()

    def __post_init__(self) -> None:
        if self.stages and self.raw is None:
            raise ValueError("stages want a raw form, which says what a raw sample is")
        if len(self.stages) > _MOST_STAGES:
            raise ValueError(f"there are more than {_MOST_STAGES} stages")
        if any(stage.first for stage in self.stages[1:]):
            raise ValueError("the stage frames is the first, or is not there")
        _ = self.forms

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """Of a raw sample, and behind each stage; none without a raw form."""
        if self.raw is None:
            return ()
        found = [self.raw.form]
        for stage in self.stages:
            found.append(stage.of(found[-1]))
            if found[-1].elements > _MOST_ELEMENTS:
                raise ValueError(f"the stage {stage.name} makes {found[-1]}, which is too much")
        return tuple(found)

    def integers(self, samples: Array) -> Array:
        """What the stages make of raw samples ``[n, *raw]``: the very integers that the C gives."""
        for stage, form in zip(self.stages, self.forms, strict=False):
            samples = stage.apply(samples, form)
        return samples

    def real(self, samples: Array) -> npt.NDArray[np.float32]:
        """The real values that raw samples become, float32 ``[n, ...]``."""
        parts = [samples[at : at + _AT_ONCE] for at in range(0, len(samples), _AT_ONCE)] or [samples]
        return np.concatenate([real_values(self.integers(part), self.mean, self.std) for part in parts])

    def takes(self, samples: Array) -> bool:
        """Whether samples are raw ones, by their type and their shape."""
        if not self.stages:
            return False
        form = self.forms[0]
        return samples.dtype == form.numpy and samples.shape[1:] == form.shape

    def __str__(self) -> str:
        """``RGB 96x96, (pixel - 0) / 255``."""
        word = "pixel" if isinstance(self.raw, ImageForm) and not self.stages else "value"
        formula = f"({word} - {self.mean:g}) / {self.std:g}"
        parts = ([] if self.raw is None else [str(self.raw)]) + [str(stage) for stage in self.stages]
        return ", ".join([*parts, formula])

    def alike(self, other: Preprocessing) -> bool:
        """Whether a raw value becomes the same real one."""
        return (self.mean, self.std, self.stages) == (other.mean, other.std, other.stages)

    @property
    def image(self) -> ImageForm | None:
        """What raw samples are, where they are images."""
        return self.raw if isinstance(self.raw, ImageForm) else None

    def to_json(self) -> dict[str, Any]:
        """JSON values, in metadata, manifests and reports alike."""
        raw = None if self.raw is None else self.raw.to_json()
        if self.image is not None:
            raw = {**self.image.to_json(), "resize": RESIZE}
        return {"mean": self.mean, "std": self.std, "raw": raw, "stages": [s.to_json() for s in self.stages]}


Steps = tuple[Preprocessing | None, ...]
"""One for each of a model's inputs, in order; None where values are taken as they are."""


def real_values(values: Array, mean: float, std: float) -> npt.NDArray[np.float32]:
    """(value - mean) / std in float32; the C of a project does the same."""
    made: npt.NDArray[np.float32] = (values.astype(np.float32) - np.float32(mean)) / np.float32(std)
    return made


def together(first: Steps, second: Steps) -> Steps:
    """What two data sets tell of the same inputs: the first's where they differ."""
    return tuple(_together(*pair) for pair in zip(first, second, strict=True))


def _together(one: Preprocessing | None, other: Preprocessing | None) -> Preprocessing | None:
    if one is None or other is None:
        return one or other
    return replace(one, raw=one.raw or other.raw) if one.alike(other) else one


def steps_text(steps: Steps) -> bytes:
    """The metadata's bytes; none where nothing is done."""
    if not any(steps):
        return b""
    return json.dumps([None if one is None else one.to_json() for one in steps]).encode()


def read_steps(data: bytes, inputs: int) -> Steps:
    """The metadata of a file, which nobody has vetted.

    Args:
        inputs: how many the model has.

    Raises:
        ValueError: it is damaged.
    """
    found = json.loads(data)
    if not isinstance(found, list):
        raise ValueError(f"it is a {type(found).__name__}")
    return steps_of(found, inputs)


def steps_of(told: Sequence[Any], inputs: int) -> Steps:
    """From :meth:`Preprocessing.to_json` of each input, or null.

    Raises:
        ValueError: it is something else.
    """
    if len(told) != inputs:
        raise ValueError(f"it is of {len(told)} inputs, and there are {inputs}")
    return tuple(None if one is None else preprocessing_of(one) for one in told)


def preprocessing_of(told: object) -> Preprocessing:
    """From :meth:`Preprocessing.to_json`.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(told, dict) or set(told) != _KEYS:
        raise ValueError("it has other keys")
    mean, std = (_real(told[name]) for name in ("mean", "std"))
    if not struct.unpack("<f", struct.pack("<f", std))[0]:
        raise ValueError("its std is 0")
    raw = told["raw"]
    if isinstance(raw, dict) and "resize" in raw:
        if raw["resize"] != RESIZE:
            raise ValueError("its image is made in a way that is not known")
        raw = {name: value for name, value in raw.items() if name != "resize"}
    if not isinstance(told["stages"], list | tuple):
        raise ValueError("its stages are no list")
    made = tuple(stage_of(one) for one in told["stages"])
    return Preprocessing(mean, std, None if raw is None else raw_of(raw), made)


def stage_of(told: object) -> Stage:
    """A stage by its name and its parameters.

    Raises:
        ValueError: there is none of that name, or it has other parameters.
    """
    if not isinstance(told, Mapping) or not isinstance(told.get("stage"), str):
        raise ValueError("a stage is a table with a name, the key stage")
    name = told["stage"]
    kind = stages().get(name)
    if kind is None:
        raise ValueError(f"there is no stage {name!r}; there are {', '.join(sorted(stages()))}")
    given = {key: value for key, value in told.items() if key != "stage"}
    known = [field.name for field in fields(kind)]
    wrong = sorted(set(given) - set(known))
    if wrong:
        raise ValueError(
            f"the stage {name} has no {wrong[0]!r}; it has {', '.join(known) or 'no parameters'}"
        )
    try:
        return kind(**given)
    except TypeError as error:  # one without a default is missing
        raise ValueError(f"the stage {name} wants {', '.join(known)}") from error
    except ValueError as error:
        raise ValueError(f"the stage {name}: {error}") from error


def _real(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a number in it is none")
    try:
        struct.pack("<f", value)
    except (OverflowError, struct.error) as error:
        raise ValueError("a number in it is too large") from error
    return float(value)
