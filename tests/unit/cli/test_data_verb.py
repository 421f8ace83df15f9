"""`edgeq data inspect` and `edgeq data split`: what there is, and parts that stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.unit.data.test_recordings import tone, wav

from .conftest import Edgeq


def test_a_folder_of_sounds_is_looked_at(edgeq: Edgeq, tmp_path: Path) -> None:
    for i in range(10):
        wav(tmp_path / "d" / "yes" / f"{i}.wav", tone(80, 3 + 2 * i))
    wav(tmp_path / "d" / "no" / "0.wav", np.zeros(80, np.int16))
    wav(tmp_path / "d" / "no" / "1.wav", np.zeros(80, np.int16))
    told = edgeq("data", "inspect", tmp_path / "d", "--json").json
    assert (told["samples"], told["shape"], told["dtype"]) == (12, [80], "int16")
    assert told["classes"] == {"0": 2, "1": 10}
    assert (told["copies"], told["constant"]) == (1, 2)
    assert told["min"] < -30000 and told["max"] > 30000
    assert any("few samples of 0" in one for one in told["warnings"])
    shown = edgeq("data", "inspect", tmp_path / "d").out
    assert "12 samples" in shown and "83.3 %" in shown and "copies of others" in shown


def test_a_split_stays_when_samples_are_added(edgeq: Edgeq, tmp_path: Path) -> None:
    for i in range(40):
        wav(tmp_path / "d" / f"{i % 2}" / f"{i}.wav", tone(250, 3 + 2 * i))
    for part in ("a", "b"):
        assert edgeq("data", "split", tmp_path / "d", "--test", "25%", "-o", tmp_path / part).code == 0
        for i in range(40, 60):
            wav(tmp_path / "d" / f"{i % 2}" / f"{i}.wav", tone(250, 3 + 2 * i))
    parts = {
        (which, name): np.load(tmp_path / which / f"{name}.npz")
        for which in "ab"
        for name in ("train", "test")
    }
    assert len(parts["a", "train"]["x"]) + len(parts["a", "test"]["x"]) == 40
    assert 3 <= len(parts["a", "test"]["x"]) <= 20
    for name in ("train", "test"):
        small = {one.tobytes() for one in parts["a", name]["x"]}
        assert small < {one.tobytes() for one in parts["b", name]["x"]}
        assert len(parts["a", name]["x"]) == len(parts["a", name]["y"])
    refused = edgeq("data", "split", tmp_path / "d", "-o", tmp_path / "a")
    assert refused.code == 2 and "--force" in refused.err
    other = edgeq("data", "split", tmp_path / "d", "-o", tmp_path / "c", "--test", "25%", "--seed", "1")
    assert other.code == 0
    assert not np.array_equal(np.load(tmp_path / "c" / "test.npz")["x"], parts["b", "test"]["x"])


def test_copies_are_in_one_part(edgeq: Edgeq, tmp_path: Path) -> None:
    x = np.repeat(np.arange(50, dtype=np.float32), 3).reshape(-1, 1)
    np.savez(tmp_path / "d.npz", x=x, y=np.arange(150) % 2)
    assert edgeq("data", "split", tmp_path / "d.npz", "-o", tmp_path).code == 0
    train, test = (set(np.load(tmp_path / f"{name}.npz")["x"].ravel()) for name in ("train", "test"))
    assert train | test == set(range(50)) and not train & test


def test_what_cannot_be_looked_at(edgeq: Edgeq, tmp_path: Path) -> None:
    np.savez(tmp_path / "z.npz", z=np.zeros(3))
    np.savez(tmp_path / "one.npz", x=np.zeros((1, 2)))
    for spec, said in (("none", "there is no file"), ("z.npz", "no array x")):
        told = edgeq("data", "inspect", tmp_path / spec)
        assert told.code == 2 and said in told.err, told.err
    told = edgeq("data", "split", tmp_path / "one.npz", "-o", tmp_path)
    assert told.code == 2 and "no sample falls into" in told.err
    assert edgeq("data", "split", tmp_path / "one.npz", "--test", "2", "-o", tmp_path).code == 2
