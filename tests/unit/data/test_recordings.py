"""Sounds, readings and tables in files, as devices have them."""

from __future__ import annotations

import json
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import DataError
from edgeq.data import load_data
from edgeq.data.load import kind_of, read_recordings
from edgeq.data.sounds import read_wav
from edgeq.features.preprocessing import Preprocessing
from edgeq.features.raw import ImageForm, Sensor, Sound
from edgeq.features.stages.channels import Channels
from edgeq.features.stages.frames import Frames
from edgeq.features.stages.statistics import Statistics
from edgeq.graph import DType, Tensor


def wav(path: Path, values: np.ndarray, rate: int = 8000, width: int = 2) -> None:
    """A file of these samples, ``[n]`` or ``[n, channels]``, of 16 bits made wider or narrower."""
    path.parent.mkdir(parents=True, exist_ok=True)
    two = values.reshape(len(values), -1).astype(np.int64)
    if width == 1:
        data = ((two >> 8) + 128).astype(np.uint8).tobytes()
    else:
        whole = (two << 8 * (width - 2)).astype("<i8").reshape(-1, 1).view(np.uint8)
        data = whole[:, :width].tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(two.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)


def tone(n: int, step: int = 7) -> np.ndarray:
    return ((np.arange(n) * step * 91) % 65536 - 32768).astype(np.int16)


SOUND = Preprocessing(0, 1, Sound(100, 8000), (Frames(50, 50),))
HEARS = (replace(Tensor("x", (1, 2, 50), DType.FLOAT32), preprocessing=SOUND),)
SENSOR = Preprocessing(0, 1, Sensor(4, 2, 100), (Channels(), Statistics(("mean", "max"))))
FEELS = (replace(Tensor("x", (1, 2, 2), DType.FLOAT32), preprocessing=SENSOR),)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_samples_of_any_width_are_those_of_16_bits(tmp_path: Path, width: int) -> None:
    values = tone(300) if width > 1 else (tone(300) >> 8) << 8
    wav(tmp_path / "a.wav", values, width=width)
    rate, found = read_wav(tmp_path / "a.wav")
    assert rate == 8000
    np.testing.assert_array_equal(found, values)


def test_channels_are_averaged_and_rounded_down(tmp_path: Path) -> None:
    both = np.stack([tone(100), np.full(100, 32767, np.int16)], axis=1)
    wav(tmp_path / "a.wav", both)
    np.testing.assert_array_equal(read_wav(tmp_path / "a.wav")[1], both.astype(int).sum(axis=1) // 2)


def test_a_folder_of_sounds_by_class(tmp_path: Path) -> None:
    wav(tmp_path / "no" / "1.wav", tone(250))  # two windows, the rest is left out
    wav(tmp_path / "yes" / "1.wav", tone(60, 3))  # filled up
    wav(tmp_path / "yes" / "2.wav", tone(100, 5))
    data = load_data(str(tmp_path), HEARS)
    assert data.y is not None and data.y.tolist() == [0, 0, 1, 1]
    assert data.raw[0] is not None
    wanted = [tone(100), tone(250)[100:200], np.r_[tone(60, 3), np.zeros(40, np.int16)], tone(100, 5)]
    np.testing.assert_array_equal(data.raw[0], np.stack(wanted))
    assert any("1 of 3 sounds are shorter" in note for note in data.notes)
    assert any("0 no, 1 yes" in note for note in data.notes)
    assert load_data(str(tmp_path), HEARS, limit=2).y is not None


def test_another_rate_is_refused_with_how_to_mend_it(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", tone(100), rate=44100)
    with pytest.raises(DataError, match="44,100 samples a second, and 8,000 are taken") as caught:
        load_data(str(tmp_path), HEARS)
    assert "sox a.wav -r 8000" in caught.value.hint


def test_sounds_for_a_model_that_hears_none(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", tone(100))
    with pytest.raises(DataError, match="nothing says what the model makes") as caught:
        load_data(str(tmp_path), (Tensor("x", (1, 100), DType.FLOAT32),))
    assert "--preprocessing" in caught.value.hint


@pytest.mark.parametrize("cut", [0, 3, 11, 20, 30, 43, 44])
def test_damaged_sounds(tmp_path: Path, cut: int) -> None:
    wav(tmp_path / "a.wav", tone(100))
    whole = (tmp_path / "a.wav").read_bytes()
    for data in (whole[:cut], whole[:cut] + b"\xff" * 60):
        (tmp_path / "a.wav").write_bytes(data)
        try:
            _, found = read_wav(tmp_path / "a.wav")
        except DataError as error:
            assert error.hint
        else:
            assert len(found) <= len(data)


def test_readings_by_class_in_files(tmp_path: Path) -> None:
    for name, start in (("idle", 0), ("run", 100)):
        (tmp_path / name).mkdir()
        rows = [f"{i},{start + i},{-i}" for i in range(9)]
        (tmp_path / name / "a.csv").write_text("timestamp,ax,ay\n" + "\n".join(rows) + "\n")
    data = load_data(str(tmp_path), FEELS)
    assert data.y is not None and data.y.tolist() == [0, 0, 1, 1] and data.raw[0] is not None
    assert data.raw[0].shape == (4, 4, 2) and data.raw[0][3, 0].tolist() == [104, -4]


def test_readings_of_one_file_never_mix_two_classes_in_a_window(tmp_path: Path) -> None:
    rows = [f"{i},{i},{'shake' if 6 <= i < 11 else 'rest'}" for i in range(20)]
    (tmp_path / "a.csv").write_text("ax,ay,label\n" + "\n".join(rows) + "\n")
    data = load_data(str(tmp_path / "a.csv"), FEELS)
    assert data.y is not None and data.y.tolist() == [0, 1, 0, 0] and data.raw[0] is not None
    assert data.raw[0][:, 0, 0].tolist() == [0, 6, 11, 15]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ax,ay\n1,2\n3\n", "line 3 has 1 cells"),
        ("ax,ay\n1,2\n3,x\n", "line 3: could not convert"),
        ("ax,ay\n1.5,2\n", "no int16"),
        ("ax,ay\n40000,2\n", "no int16"),
        ("ax,ay\nnan,2\n", "no int16"),
        ("ax,ay,az\n1,2,3\n", "3 columns of values, and the sensor 2"),
        ("ax,ay\n", "no rows of numbers"),
        ("", "is empty"),
        ("ax,ay,label\n1,2,0.5\n", "no classes"),
    ],
)
def test_tables_that_are_no_readings(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataError, match=said) as caught:
        load_data(str(tmp_path / "a.csv"), FEELS)
    assert caught.value.hint


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("head", ["a,b,label", ""])
def test_a_table_of_a_sample_a_row(tmp_path: Path, mark: str, head: str) -> None:
    rows = ["1.5,2,cat", "3,4.25,dog"] if head else ["1.5,2", "3,4.25"]
    lines = [*([head] if head else []), *rows]
    (tmp_path / "a.csv").write_text("\n".join(lines).replace(",", mark))
    data = load_data(str(tmp_path / "a.csv"), (Tensor("x", (1, 2), DType.FLOAT32),))
    assert data.x[0].tolist() == [[1.5, 2], [3, 4.25]]
    assert (data.y is None) if not head else (data.y is not None and data.y.tolist() == [0, 1])


def test_a_table_of_a_regression(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b,target\n1,2,0.5\n3,4,0.25\n")
    data = load_data(str(tmp_path / "a.csv"), (Tensor("x", (1, 2), DType.FLOAT32),))
    assert data.targets is not None and data.targets.tolist() == [0.5, 0.25]


def test_an_export_of_edge_impulse(tmp_path: Path) -> None:
    files = []
    for category, name, label in (
        ("training", "a.wav", "yes"),
        ("training", "b.wav", "no"),
        ("testing", "c.wav", "yes"),
    ):
        wav(tmp_path / category / name, tone(100))
        files.append(
            {"path": f"{category}/{name}", "category": category, "label": {"type": "label", "label": label}}
        )
    files.append({"path": "../outside.wav", "label": {"type": "label", "label": "yes"}})
    (tmp_path / "info.labels").write_text(json.dumps({"version": 1, "files": files}))
    data = load_data(str(tmp_path / "training"), HEARS)
    assert data.y is not None and data.y.tolist() == [1, 0]
    assert len(load_data(str(tmp_path / "testing"), HEARS)) == 1
    (tmp_path / "info.labels").write_text('{"files": [1]}')
    with pytest.raises(DataError, match="not a list of an Edge Impulse export"):
        load_data(str(tmp_path / "training"), HEARS)


def test_images_of_a_raw_form(tmp_path: Path) -> None:
    pillow = pytest.importorskip("PIL.Image")
    pillow.new("RGB", (6, 4), (10, 20, 30)).save(tmp_path / "a.png")
    found = read_recordings(tmp_path, ImageForm(6, 4, "BGR"))
    assert found.x[0, 0, 0].tolist() == [30, 20, 10]
    assert read_recordings(tmp_path, None).x.shape == (1, 4, 6, 3)
    with pytest.raises(DataError, match="holds images, and what is wanted is a sound"):
        read_recordings(tmp_path, Sound(100, 8000))


def test_the_kind_of_a_folder(tmp_path: Path) -> None:
    wav(tmp_path / "s" / "a.wav", tone(10))
    (tmp_path / "s" / "labels.csv").write_text("a.wav,1\n")
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.csv").write_text("1,2\n")
    assert kind_of(str(tmp_path / "s")) == "sounds"
    assert kind_of(str(tmp_path / "t")) == "tables"
    assert read_recordings(tmp_path / "s", None).y is not None
