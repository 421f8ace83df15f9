"""The stage micro gives what TensorFlow Lite Micro's frontend gives: what that library, built with kissfft,
made of a sound that grows louder by steps stands here by its checksum and its last row."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest

from edgeq.features.form import Form
from edgeq.features.stages.frames import Frames
from edgeq.features.stages.micro import Micro

SAMPLES = 16000
PLAIN: dict[str, Any] = {"enable_pcan": False}


def sound() -> np.ndarray:
    """Noise of a congruential generator, twice as loud with each eighth."""
    state, noise = 1, np.zeros(SAMPLES, np.int64)
    for i in range(SAMPLES):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        noise[i] = (state >> 16) - 32768
    return (noise >> (8 - np.minimum(7, np.arange(SAMPLES) // (SAMPLES // 8)))).astype(np.int16)


def features(rate: int, size: int, hop: int, stage: Micro) -> np.ndarray:
    form, frames = Form((SAMPLES,), "int16", float(rate)), Frames(size, hop)
    found: np.ndarray = stage.apply(frames.apply(sound()[None], form), frames.of(form))[0]
    return found


@pytest.mark.parametrize(
    ("given", "parameters", "checksum", "last"),
    [
        ((16000, 480, 160), {}, 2366255546, [434, 0, 287, 0, 371, 0, 258, 177]),
        ((16000, 480, 320), PLAIN, 1350898197, [706, 698, 751, 786, 813, 738, 731, 715]),
        ((16000, 400, 160), {"num_channels": 32}, 1688374560, [399, 0, 353, 266, 379, 0, 417, 0]),
        (
            (8000, 256, 128),
            {
                "num_channels": 20,
                "lower_band_limit": 60.0,
                "upper_band_limit": 3800.0,
                "enable_log": False,
            },
            549097476,
            [37, 0, 34, 0, 85, 70, 96, 0],
        ),
        (
            (16000, 640, 320),
            {"lower_band_limit": 20.0, "upper_band_limit": 4000.0},
            3010942480,
            [463, 415, 517, 437, 467, 393, 503, 492],
        ),
    ],
    ids=["wake_word", "micro_speech", "defaults", "no_logarithm", "longer"],
)
def test_it_gives_that_librarys_integers(
    given: tuple[int, int, int], parameters: dict[str, Any], checksum: int, last: list[int]
) -> None:
    found = features(*given, Micro(**parameters))
    assert found[-1, :8].tolist() == last
    assert zlib.crc32(found.astype("<u2").tobytes()) == checksum


def test_it_gives_what_the_package_gives() -> None:
    """ESPHome's build of it, where it is installed."""
    package = pytest.importorskip("pymicro_features", reason="pymicro-features is not installed")
    frontend, data, rows = package.MicroFrontend(), sound().tobytes(), []
    while len(data) >= 320:  # bytes of a hop
        made = frontend.process_samples(data[:320])
        data = data[2 * made.samples_read :]
        rows += [made.features] if made.features else []
    found = features(16000, 480, 160, Micro())
    expected = np.rint(np.array(rows) * 25.6)
    assert np.array_equal(found[: len(expected)], expected[: len(found)])
