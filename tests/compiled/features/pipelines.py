"""Pipelines of every stage, and raw samples for them: the worst ones first, then noise of all levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from edgeq.features import ImageForm, Preprocessing, Raw, Sensor, Sound
from edgeq.features.preprocessing import stage_of


def made(raw: Raw, *stages: Mapping[str, Any]) -> Preprocessing:
    return Preprocessing(0.0, 1.0, raw, tuple(stage_of(one) for one in stages))


def _bands(channels: int, low: float, high: float, scale: str = "mel") -> Mapping[str, Any]:
    return {"stage": "bands", "channels": channels, "low": low, "high": high, "scale": scale}


FRAMES = {"stage": "frames", "size": 480, "hop": 160}
PIPELINES: Mapping[str, Preprocessing] = {
    "mfcc": made(
        Sound(800, 16000),
        {**FRAMES, "hop": 320},
        {"stage": "spectrum", "window": "hann"},
        _bands(40, 20.0, 4000.0),
        {"stage": "log"},
        {"stage": "dct", "coefficients": 10},
    ),
    "longest": made(
        Sound(1100, 8000),
        {"stage": "frames", "size": 1000, "hop": 100},
        {"stage": "spectrum", "window": "none"},
        _bands(13, 0.0, 4000.0, "linear"),
        {"stage": "log", "offset": 1000},
    ),
    "shortest": made(
        Sound(37, 8000),
        {"stage": "frames", "size": 9, "hop": 9},
        {"stage": "spectrum", "window": "hamming"},
        _bands(3, 0.0, 4000.0),
        {"stage": "log"},
        {"stage": "dct", "coefficients": 3},
    ),
    "micro": made(Sound(1280, 16000), FRAMES, {"stage": "micro"}),
    "micro_plain": made(
        Sound(700, 8000),
        {"stage": "frames", "size": 200, "hop": 80},
        {
            "stage": "micro",
            "num_channels": 20,
            "upper_band_limit": 3800.0,
            "enable_pcan": False,
            "enable_log": False,
        },
    ),
    "vibration": made(
        Sensor(256, 3, 1600.0),
        {"stage": "channels"},
        {"stage": "spectrum", "window": "hann"},
        _bands(16, 10.0, 800.0, "linear"),
        {"stage": "log"},
    ),
    "statistics": made(Sensor(100, 3, 50.0), {"stage": "channels"}, {"stage": "statistics"}),
    "camera": made(
        ImageForm(40, 30, "BGR"),
        {"stage": "crop", "left": 5, "top": 1, "width": 29, "height": 28},
        {"stage": "colour", "given": "BGR", "to": "RGB"},
        {"stage": "resize", "width": 12, "height": 14},
        {"stage": "colour", "given": "RGB", "to": "grey"},
    ),
    "larger": made(
        ImageForm(7, 5, "RGB"), {"stage": "resize", "width": 10, "height": 9, "method": "bilinear"}
    ),
    "nearest": made(
        ImageForm(7, 9, "grey"), {"stage": "resize", "width": 16, "height": 4, "method": "nearest"}
    ),
    "area": made(ImageForm(20, 9, "grey"), {"stage": "resize", "width": 7, "height": 4, "method": "area"}),
}


def samples(of: Preprocessing, count: int, seed: int) -> np.ndarray:
    """Raw samples ``[count, *raw]``: the ends, nothing, the ends by turns and at random; then noise."""
    form = of.forms[0]
    limits = np.iinfo(form.numpy)
    random = np.random.default_rng(seed)
    levels = np.exp2(random.uniform(0, form.numpy.itemsize * 8, count)).reshape(-1, *[1] * len(form.shape))
    middle = (int(limits.min) + int(limits.max) + 1) // 2
    noise = random.normal(0, 1, (count, *form.shape)) * levels / 3 + middle
    found = np.clip(np.rint(noise), limits.min, limits.max).astype(form.numpy)
    flat = found.reshape(count, -1)
    for at, value in enumerate((limits.min, limits.max, 0)):
        flat[at] = value
    flat[3, ::2], flat[3, 1::2] = limits.min, limits.max
    sign = random.integers(0, 2, flat[4].shape) > 0
    flat[4] = np.where(sign, limits.max, limits.min)
    return found
