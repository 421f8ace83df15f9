"""``edgeq features``: files of every kind, a picture, numbers, and C that equals Python."""

from __future__ import annotations

import struct
import wave
import zlib
from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import DataError, VerdictError
from edgeq.data.raw import read_raw
from edgeq.features import ImageForm, Sensor, Sound
from edgeq.features.declaration import read_declaration
from edgeq.features.picture import picture
from edgeq.verbs import features as verb
from edgeq.verbs.features import FeaturesRequest

from .conftest import Edgeq

SOUND = """
[raw]
kind = "sound"
samples = 300
rate = 8000

[[stages]]
stage = "frames"
size = 100
hop = 50

[[stages]]
stage = "spectrum"

[[stages]]
stage = "bands"
channels = 6
low = 0.0
high = 4000.0

[[stages]]
stage = "log"
"""


def wav(path: Path, samples: np.ndarray, rate: int = 8000) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


def pixels(png: bytes) -> np.ndarray:
    """Of a PNG without filters, ``[height, width, channels]``."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, shape = 8, b"", (0, 0, 0)
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", png[at + 8 + size : at + 12 + size])[0]
        if kind == b"IHDR":
            width, height, _, colour, *_ = struct.unpack(">IIBBBBB", body)
            shape = (height, width, 3 if colour == 2 else 1)
        data += body if kind == b"IDAT" else b""
        at += 12 + size
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(shape[0], -1)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(shape)


def test_a_file_becomes_features(edgeq: Edgeq, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "RANDOM", 20)
    samples = np.random.default_rng(1).integers(-9000, 9000, 700)
    wav(folder / "a.wav", samples)
    (folder / "p.toml").write_text(SOUND)
    told = edgeq("features", "a.wav", "--preprocessing", "p.toml", "--plot", "a.png", "-o", "a.npz", "--json")
    assert told.code == 0, told.err
    assert told.json["proof"]["samples"] == 22 and told.json["proof"]["different"] == 0
    assert told.json["proof"]["values"] == 22 * 5 * 6
    found = np.load(folder / "a.npz")["x"]
    step = read_declaration(folder / "p.toml")
    assert np.array_equal(found, step.integers(samples[:600].astype(np.int16).reshape(2, 300)))
    (one,) = told.json["files"]
    assert (one["samples"], one["shape"], one["max"]) == (2, [5, 6], found.max())
    drawn = pixels((folder / "a.png").read_bytes())[..., 0]
    assert drawn.min() == 0 and drawn.max() == 255 and drawn.shape[1] * 6 == drawn.shape[0] * 5
    assert edgeq("features", "a.wav", "--preprocessing", "p.toml", "--plot", "a.png", "--json").code == 2


def test_other_integers_in_c_are_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgeq.backends.project import features as backend

    right = backend.feature_files
    monkeypatch.setattr(verb, "RANDOM", 5)
    (tmp_path / "p.toml").write_text(SOUND)

    def damaged(*given: object) -> dict[str, bytes]:
        files = right(*given)  # type: ignore[arg-type]
        files["edgeq_log.c"] = files["edgeq_log.c"].replace(b"(line + 64)", b"(line + 96)")
        return files

    monkeypatch.setattr(backend, "feature_files", damaged)
    with pytest.raises(VerdictError, match="other integers"):
        verb.features(FeaturesRequest((), tmp_path / "p.toml"))


def test_without_a_preprocessing_there_is_nothing_to_show(edgeq: Edgeq, folder: Path) -> None:
    assert "there is no preprocessing" in edgeq("features", "a.wav", "--json").json["error"]["message"]
    (folder / "p.toml").write_text(SOUND)
    told = edgeq("features", "a.wav", "--preprocessing", "p.toml", "--json")
    assert told.code == 2 and "no file a.wav" in told.json["error"]["message"]


def test_raw_samples_of_files(tmp_path: Path) -> None:
    ramp = np.arange(25)
    wav(tmp_path / "long.wav", ramp)
    assert np.array_equal(read_raw(tmp_path / "long.wav", Sound(10, 8000)), ramp[:20].reshape(2, 10))
    padded = read_raw(tmp_path / "long.wav", Sound(30, 8000))
    assert padded.shape == (1, 30) and np.array_equal(padded[0, :25], ramp) and not padded[0, 25:].any()
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{-i}\n" for i in range(5)))
    found = read_raw(tmp_path / "a.csv", Sensor(2, 2, 50.0))
    assert found.shape == (2, 2, 2) and np.array_equal(found[1], [[2, -2], [3, -3]])
    np.save(tmp_path / "a.npy", np.zeros((3, 10), np.int16))
    assert read_raw(tmp_path / "a.npy", Sound(10, 8000)).shape == (3, 10)
    pillow = pytest.importorskip("PIL.Image")
    colours = np.random.default_rng(2).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    pillow.fromarray(colours).save(tmp_path / "a.png")
    turned = read_raw(tmp_path / "a.png", ImageForm(6, 4, "BGR"))
    assert np.array_equal(turned[0], colours[..., ::-1])
    assert read_raw(tmp_path / "a.png", ImageForm(3, 2, "grey")).shape == (1, 2, 3, 1)
    assert np.array_equal(pixels(picture(colours))[::43, ::43], colours)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rate.wav", "16,000 samples a second, and 8,000 are taken"),
        ("broken.wav", "not a sound that can be read"),
        ("type.npy", "a raw sample is int16 [10]"),
        ("names.npz", "no array x"),
    ],
)
def test_files_of_another_form_are_told(name: str, said: str, tmp_path: Path) -> None:
    wav(tmp_path / "rate.wav", np.zeros(20), rate=16000)
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    np.save(tmp_path / "type.npy", np.zeros((2, 10), np.float32))
    np.savez(tmp_path / "names.npz", z=np.zeros((2, 10), np.int16))
    with pytest.raises(DataError) as caught:
        read_raw(tmp_path / name, Sound(10, 8000))
    assert said in caught.value.message


def test_tables_that_are_none_are_told(tmp_path: Path) -> None:
    for text in ("", "a,b\n", "1,2\n3\n", "1,2,3\n", "1,2.5\n", "1,40000\n", "1,nan\n"):
        (tmp_path / "a.csv").write_text(text)
        with pytest.raises(DataError):
            read_raw(tmp_path / "a.csv", Sensor(1, 2, 50.0))
