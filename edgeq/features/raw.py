"""What a raw sample is before anything is done to it: the form in which a device has it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

from edgeq.features.form import Form

Colour = Literal["grey", "RGB", "RGBA", "BGR"]
RESIZE = "bilinear"
"""How image files of another size become the raw size: by the filter of the stage ``resize``."""

CHANNELS: Mapping[str, int] = {"grey": 1, "RGB": 3, "BGR": 3, "RGBA": 4}
_LARGEST = 1 << 16


@dataclass(frozen=True)
class Raw(ABC):
    """A kind of raw samples."""

    kind: ClassVar[str]

    @property
    @abstractmethod
    def form(self) -> Form:
        """Shape and type of one raw sample."""

    def to_json(self) -> dict[str, Any]:
        """Its kind and its fields."""
        return {"kind": self.kind, **vars(self)}


@dataclass(frozen=True)
class ImageForm(Raw):
    """Rows of pixels, uint8 ``[height, width, channels]``.

    Attributes:
        width, height: in pixels.
        colour: what a pixel's bytes, 0..255, are.
    """

    kind: ClassVar[str] = "image"
    width: int
    height: int
    colour: Colour

    def __post_init__(self) -> None:
        _whole("width", self.width)
        _whole("height", self.height)
        if not isinstance(self.colour, str) or self.colour not in CHANNELS:
            raise ValueError(f"a colour is one of {', '.join(CHANNELS)}")

    @property
    def form(self) -> Form:
        """``[height, width, channels]``, uint8."""
        return Form((self.height, self.width, CHANNELS[self.colour]), "uint8")

    def __str__(self) -> str:
        """``RGB 96x96``."""
        return f"{self.colour} {self.width}x{self.height}"


@dataclass(frozen=True)
class Sound(Raw):
    """One channel of PCM, int16 ``[samples]``.

    Attributes:
        samples: how many make an input.
        rate: samples a second.
    """

    kind: ClassVar[str] = "sound"
    samples: int
    rate: int

    def __post_init__(self) -> None:
        if type(self.samples) is not int or not 0 < self.samples <= 1 << 22:
            raise ValueError("samples is a whole number from 1 to 4194304")
        if type(self.rate) is not int or not 0 < self.rate <= 1 << 20:
            raise ValueError("rate is a whole number of samples a second")

    @property
    def form(self) -> Form:
        """``[samples]``, int16."""
        return Form((self.samples,), "int16", float(self.rate))

    def __str__(self) -> str:
        """``sound of 16000 samples, 16000 Hz``."""
        return f"sound of {self.samples} samples, {self.rate} Hz"


@dataclass(frozen=True)
class Sensor(Raw):
    """A window over a sensor's channels, int16 ``[window, channels]``.

    Attributes:
        window: readings of each channel.
        channels: as axes of an accelerometer.
        rate: readings a second.
    """

    kind: ClassVar[str] = "sensor"
    window: int
    channels: int
    rate: float

    def __post_init__(self) -> None:
        _whole("window", self.window)
        _whole("channels", self.channels)
        if isinstance(self.rate, bool) or not isinstance(self.rate, int | float) or not 0 < self.rate < 1e9:
            raise ValueError("rate is a number of readings a second")

    @property
    def form(self) -> Form:
        """``[window, channels]``, int16."""
        return Form((self.window, self.channels), "int16", float(self.rate))

    def __str__(self) -> str:
        """``sensor, 512 readings of 3 channels, 1600 Hz``."""
        return f"sensor, {self.window} readings of {self.channels} channels, {self.rate:g} Hz"


RAWS: Mapping[str, type[Raw]] = {one.kind: one for one in (ImageForm, Sound, Sensor)}


def raw_of(told: object) -> Raw:
    """From :meth:`Raw.to_json`, which nobody has vetted.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(told, Mapping):
        raise ValueError("its raw form is no table")
    kind = RAWS.get(told["kind"]) if isinstance(told.get("kind"), str) else None
    if kind is None:
        raise ValueError(f"the kind of its raw form is one of {', '.join(RAWS)}")
    wanted = {"kind", *(field.name for field in fields(kind))}
    if set(told) != wanted:
        raise ValueError(f"a raw form of kind {kind.kind} has the keys {', '.join(sorted(wanted))}")
    return kind(**{name: value for name, value in told.items() if name != "kind"})


def _whole(name: str, value: object) -> None:
    if type(value) is not int or not 0 < value < _LARGEST:
        raise ValueError(f"{name} is a whole number from 1 to {_LARGEST - 1}")
