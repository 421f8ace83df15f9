"""What the stages' integers mean, against the same in floating point."""

from __future__ import annotations

import numpy as np
import pytest

from edgeq.features.fft import order, passes, places
from edgeq.features.form import Form
from edgeq.features.quantize import domain, quantizing
from edgeq.features.stages.bands import Bands
from edgeq.features.stages.dct import Dct
from edgeq.features.stages.log import Log
from edgeq.features.stages.resize import METHODS, Resize
from edgeq.features.stages.spectrum import Spectrum
from edgeq.features.stages.statistics import Statistics

RANDOM = np.random.default_rng(5)


@pytest.mark.parametrize("length", [8, 16, 32, 64, 128, 256, 512])
def test_every_element_has_a_place(length: int) -> None:
    assert np.array_equal(np.sort(order(length)), np.arange(length))
    assert np.array_equal(order(length)[places(length)], np.arange(length))
    assert np.prod([radix for radix, _, _ in passes(length)]) == length


@pytest.mark.parametrize("size", [9, 16, 100, 256, 480, 1000])
@pytest.mark.parametrize("window", ["hann", "hamming", "none"])
def test_a_spectrum_is_the_power_of_the_windowed_signal(size: int, window: str) -> None:
    signal = np.rint(RANDOM.normal(0, 3000, (4, size))).astype(np.int16)
    stage, form = Spectrum(window), Form((size,), "int16", 8000.0)
    turns = np.cos(2 * np.pi * np.arange(size) / size)
    shape = {"hann": 0.5 - 0.5 * turns, "hamming": 0.54 - 0.46 * turns, "none": np.ones(size)}[window]
    points = 2 * (stage.of(form).shape[-1] - 1)
    assert points // 2 < size <= points
    right = np.abs(np.fft.rfft(signal * shape, points)) ** 2
    error = stage.apply(signal, form).astype(float) - right
    assert 10 * np.log10((right**2).sum() / (error**2).sum()) > 70


def test_a_quiet_tone_is_found() -> None:
    """One step high, it stands 20 dB above what rounding makes."""
    tone = np.rint(np.sin(2 * np.pi * np.arange(512) * 40 / 512)).astype(np.int16)
    power = Spectrum("hann").apply(tone[None], Form((512,), "int16", 8000.0))[0].astype(float)
    assert power.argmax() == 40 and power[40] > 100 * np.delete(power, range(38, 43)).max() / 10


def test_a_logarithm_is_within_one_step() -> None:
    power = np.exp2(RANDOM.uniform(0, 52, (1, 2000))).astype(np.uint64)
    power[0, :5] = [0, 1, 2, 3, 2**52]
    for offset in (1, 1000):
        found = Log(offset).apply(power, Form((2000,), "uint64"))
        assert np.abs(found - 256 * np.log2(power.astype(float) + offset)).max() <= 1


def test_bands_are_triangles_even_in_mel() -> None:
    """As ``tf.signal.linear_to_mel_weight_matrix`` has them, but for the first bin."""
    form, stage = Form((257,), "uint64", 16000.0), Bands(40, 20.0, 4000.0)
    power = RANDOM.integers(0, 1 << 40, (3, 257)).astype(np.uint64)
    mel = 1127 * np.log1p(np.arange(257) * 16000 / 512 / 700)
    corners = np.linspace(*(1127 * np.log1p(np.array([20, 4000]) / 700)), 42)
    left, center, right = (corners[i : i + 40, None] for i in range(3))
    weights = np.maximum(0, np.minimum((mel - left) / (center - left), (right - mel) / (right - center)))
    weights[:, 0] = 0
    wanted = power.astype(float) @ weights.T
    assert np.allclose(stage.apply(power, form), wanted, rtol=1e-3, atol=float(1 << 29))


@pytest.mark.parametrize(("channels", "coefficients"), [(3, 3), (16, 16), (40, 10), (80, 13)])
def test_cepstral_coefficients_are_a_cosine_transform(channels: int, coefficients: int) -> None:
    logarithms = RANDOM.integers(-1 << 13, 1 << 14, (5, channels)).astype(np.int16)
    found = Dct(coefficients).apply(logarithms, Form((channels,), "int16"))
    k = np.arange(coefficients)[:, None]
    basis = np.sqrt(2 / channels) * np.cos(np.pi / channels * (np.arange(channels) + 0.5) * k)
    basis[0] /= np.sqrt(2)
    scale = 2.0 ** np.ceil(np.log2(np.abs(basis).sum(axis=1).max() * 16384 / 32767))
    assert np.abs(found - logarithms @ basis.T / scale).max() < 4


def test_statistics_are_those_of_the_window() -> None:
    values = RANDOM.integers(-32768, 32768, (7, 50)).astype(np.int16)
    found = Statistics().apply(values, Form((50,), "int16"))
    wide = values.astype(float)
    right = [wide.mean(1), wide.std(1), np.sqrt((wide**2).mean(1)), wide.min(1), wide.max(1)]
    assert np.abs(found - np.floor(np.stack(right, axis=1))).max() <= 1


@pytest.mark.parametrize("method", METHODS)
def test_an_image_of_one_colour_stays_so(method: str) -> None:
    for value in (0, 1, 128, 255):
        image = np.full((1, 9, 31, 1), value, np.uint8)
        assert (Resize(13, 20, method).apply(image, Form((9, 31, 1), "uint8")) == value).all()


def test_an_area_is_weighed_by_what_is_covered() -> None:
    image = RANDOM.integers(0, 256, (1, 6, 10, 1), dtype=np.uint8)
    fine = image.repeat(4, axis=1).repeat(3, axis=2)  # 24 by 30: new pixels of 6 by 5
    wanted = fine.reshape(4, 6, 6, 5).mean(axis=(1, 3))
    found = Resize(6, 4, "area").apply(image, Form((6, 10, 1), "uint8"))[0, ..., 0]
    assert np.abs(found - wanted).max() <= 1


@pytest.mark.parametrize("size", [(12, 9), (33, 20), (7, 40)])
def test_bilinear_shrinks_as_pillow_does(size: tuple[int, int]) -> None:
    pillow = pytest.importorskip("PIL.Image")
    image = RANDOM.integers(0, 256, (40, 50, 3), dtype=np.uint8)
    wanted = np.asarray(pillow.fromarray(image).resize(size, pillow.Resampling.BILINEAR))
    assert np.array_equal(Resize(*size).apply(image[None], Form((40, 50, 3), "uint8"))[0], wanted)


@pytest.mark.parametrize("dtype", ["int16", "uint16"])
@pytest.mark.parametrize("seed", range(6))
def test_an_inputs_integers_are_proved_for_every_value(dtype: str, seed: int) -> None:
    """The kernel's arithmetic, in 32 bits, over all values."""
    random = np.random.default_rng(seed)
    form = Form((1,), "int16" if dtype == "int16" else "uint16")
    values = domain(form).astype(np.float64)
    slope = float(np.exp(random.uniform(-7, 9)) * random.choice([-1, 1]))
    answers = np.clip(np.rint(values * slope / 256 + random.uniform(-9000, 9000)), -128, 127).astype(np.int8)
    kernel = quantizing(form, answers)
    fields = {name: value for name, value in kernel.fields.items() if isinstance(value, int)}
    if "scale" in kernel.function:
        made = values.astype(np.int64) * fields["factor"] + fields["add"]
        assert np.abs(made).max() < 1 << 31
        found = np.clip(made >> fields["shift"], fields["low"], fields["high"])
    else:
        reached = np.searchsorted(kernel.tables["limits"], values, side="right")
        found = fields["first"] + fields["step"] * reached
    assert np.array_equal(found, answers)
