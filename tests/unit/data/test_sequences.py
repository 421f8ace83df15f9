"""Data as sequences: their forms, where each begins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import DataError
from edgeq.data import load_samples, random_data

from .common import FLOAT, INT8, TWO, refused

X = np.arange(6 * 16, dtype=np.float32).reshape(6, 4, 4, 1)


def starts(begins: np.ndarray) -> list[int]:
    return np.flatnonzero(begins).tolist()


def test_sequences_of_equal_steps_with_a_label_for_each_step(tmp_path: Path) -> None:
    labels = np.arange(6).reshape(2, 3)
    np.savez(tmp_path / "d.npz", x=X.reshape(2, 3, 4, 4, 1), y=labels)
    data = load_samples(str(tmp_path / "d.npz"), FLOAT, stateful=True)
    assert (data.lengths, starts(data.begins)) == ((3, 3), [0, 3])
    np.testing.assert_array_equal(data.x[0], X)
    assert data.y is not None and data.y.tolist() == list(range(6))
    assert (data.first(4).lengths, data.first(3).lengths) == ((3, 1), (3,))


def test_lengths_beside_the_samples(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=X, lengths=np.array([1, 3, 2], np.int32), y=np.arange(6))
    data = load_samples(str(tmp_path / "d.npz"), FLOAT, stateful=True)
    assert (data.lengths, starts(data.begins)) == ((1, 3, 2), [0, 1, 4])
    assert data.first(2).lengths == (1, 1)
    plain = load_samples(str(tmp_path / "d.npz"), FLOAT)
    assert plain.lengths is None and starts(plain.begins) == list(range(6))


def test_samples_alone_are_one_sequence(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", X)
    for given in (str(tmp_path / "d.npy"), X, {"x": X}):
        data = load_samples(given, FLOAT, stateful=True)
        assert (data.lengths, starts(data.begins)) == ((6,), [0])


def test_raw_integers_and_several_inputs() -> None:
    raw = np.arange(2 * 5 * 16, dtype=np.int8).reshape(2, 5, 4, 4, 1)
    data = load_samples(raw, INT8, stateful=True)
    assert (data.lengths, data.x[0].dtype, len(data)) == ((5, 5), np.int8, 10)
    both = load_samples({"a": np.zeros((3, 2, 2)), "b": np.ones((3, 2, 3))}, TWO, stateful=True)
    assert (both.lengths, [x.shape for x in both.x]) == ((2, 2, 2), [(6, 2), (6, 3)])


def test_a_batch_of_one_in_each_sample_is_no_step() -> None:
    data = load_samples(X.reshape(6, 1, 4, 4, 1), FLOAT, stateful=True)
    assert (data.lengths, data.x[0].shape) == ((6,), (6, 4, 4, 1))


@pytest.mark.parametrize(
    ("lengths", "told"),
    [
        ([1, 2], "sum up to 3, where there are 6"),
        ([6, 0], "no list of positive integers"),
        ([[6]], "no list of positive integers"),
        ([3.0, 3.0], "no list of positive integers"),
        ([7, -1], "no list of positive integers"),
    ],
)
def test_lengths_that_are_none(lengths: list[int], told: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=X, lengths=np.array(lengths))
    error = refused(str(tmp_path / "d.npz"), stateful=True)
    assert told in error.message and "in their order" in error.hint


def test_what_does_not_go_together() -> None:
    with pytest.raises(DataError, match="do not go together"):
        load_samples({"a": np.zeros((3, 2, 2)), "b": np.ones((2, 3, 3))}, TWO, stateful=True)
    with pytest.raises(DataError, match="lengths beside them"):
        load_samples({"x": X.reshape(2, 3, 4, 4, 1), "lengths": np.array([6])}, FLOAT, stateful=True)
    with pytest.raises(DataError, match="2 sequences of 3 steps") as caught:
        load_samples((X.reshape(2, 3, 4, 4, 1), np.array([0, 1])), FLOAT, stateful=True)
    assert "[2, 3]" in caught.value.hint
    with pytest.raises(DataError, match="no samples"):
        load_samples(np.zeros((2, 0, 4, 4, 1)), FLOAT, stateful=True)


def test_random_sequences() -> None:
    data = random_data(INT8, 12, 3, steps=5)
    assert data.lengths == (5, 5, 2)
    assert random_data(INT8, 12, 3).lengths is None
