"""What a raw value (a pixel, a sensor's integer) undergoes before it is the real value that an input takes.

It belongs to the model: a device that leaves it out computes nonsense. So it stands in the model's file, as
metadata of edgeq's own, and goes with the inputs from calibration data to the project.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Colour = Literal["grey", "RGB", "RGBA"]

METADATA = "edgeq_preprocessing"
"""The metadata's name in a .tflite file."""
RESIZE = "bilinear"
"""How images of another size become the input's: Pillow's filter, which averages where it shrinks."""
_COLOURS: Mapping[str, Colour] = {"grey": "grey", "RGB": "RGB", "RGBA": "RGBA"}
_KEYS = {"mean", "std", "image"}
_LARGEST = 1 << 16


@dataclass(frozen=True)
class ImageForm:
    """What images were made into, before their pixels became real values.

    Attributes:
        width, height: in pixels.
        colour: what a pixel's bytes, 0..255, are.
    """

    width: int
    height: int
    colour: Colour

    def __str__(self) -> str:
        """``RGB 96x96``."""
        return f"{self.colour} {self.width}x{self.height}"


@dataclass(frozen=True)
class Preprocessing:
    """real = (raw - mean) / std, in float32, where raw is an integer; for images a pixel's byte, 0..255.

    Attributes:
        image: for inputs that are images.
    """

    mean: float
    std: float
    image: ImageForm | None = None

    def __str__(self) -> str:
        """``RGB 96x96, (pixel - 0) / 255``."""
        formula = f"({'pixel' if self.image else 'value'} - {self.mean:g}) / {self.std:g}"
        return f"{self.image}, {formula}" if self.image else formula

    def alike(self, other: Preprocessing) -> bool:
        """Whether a raw value becomes the same real one."""
        return (self.mean, self.std) == (other.mean, other.std)

    def to_json(self) -> dict[str, Any]:
        """JSON values, in metadata, manifests and reports alike."""
        image = self.image
        form = None if image is None else {**vars(image), "resize": RESIZE}
        return {"mean": self.mean, "std": self.std, "image": form}


Steps = tuple[Preprocessing | None, ...]
"""One for each of a model's inputs, in order; None where values are taken as they are."""


def together(first: Steps, second: Steps) -> Steps:
    """What two data sets tell of the same inputs: the first's where they differ."""
    return tuple(_together(*pair) for pair in zip(first, second, strict=True))


def _together(one: Preprocessing | None, other: Preprocessing | None) -> Preprocessing | None:
    if one is None or other is None:
        return one or other
    return replace(one, image=one.image or other.image) if one.alike(other) else one


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
    return tuple(None if one is None else _read(one) for one in told)


def _read(told: object) -> Preprocessing:
    if not isinstance(told, dict) or set(told) != _KEYS:
        raise ValueError("it has other keys")
    mean, std = (_real(told[name]) for name in ("mean", "std"))
    if not struct.unpack("<f", struct.pack("<f", std))[0]:
        raise ValueError("its std is 0")
    return Preprocessing(mean, std, None if told["image"] is None else _image(told["image"]))


def _real(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a number in it is none")
    try:
        struct.pack("<f", value)
    except (OverflowError, struct.error) as error:
        raise ValueError("a number in it is too large") from error
    return float(value)


def _image(told: object) -> ImageForm:
    if not isinstance(told, dict) or set(told) != {"width", "height", "colour", "resize"}:
        raise ValueError("its image has other keys")
    sizes = [told["width"], told["height"]]
    if not all(type(size) is int and 0 < size < _LARGEST for size in sizes):
        raise ValueError("its image has no size")
    colour = _COLOURS.get(told["colour"]) if isinstance(told["colour"], str) else None
    if colour is None or told["resize"] != RESIZE:
        raise ValueError("its image is made in a way that is not known")
    return ImageForm(sizes[0], sizes[1], colour)
