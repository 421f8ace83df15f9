"""The C of every stage gives the integers of its numpy, on a thousand samples each, whole and by hop."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from pipelines import PIPELINES, samples

from edgeq.features.stages import stages

GUARD = 16


def pointer(array: np.ndarray, offset: int = 0) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data + offset * array.itemsize)


def test_every_stage_is_in_a_pipeline() -> None:
    assert {stage.name for one in PIPELINES.values() for stage in one.stages} == set(stages())


@pytest.mark.parametrize("name", PIPELINES)
def test_c_equals_numpy(name: str, features: ctypes.CDLL) -> None:
    one, index = PIPELINES[name], list(PIPELINES).index(name)
    call = getattr(features, f"edgeq_features_{index}")
    raw = samples(one, 1000, index)
    expected = one.integers(raw)
    kept = raw.copy()
    made = np.full(expected[0].size + 2 * GUARD, 77, expected.dtype)
    for sample, right in zip(raw, expected, strict=True):
        call(pointer(sample), pointer(made, GUARD))
        assert np.array_equal(made[GUARD:-GUARD], right.reshape(-1))
    assert np.all(made[:GUARD] == 77) and np.all(made[-GUARD:] == 77)
    assert np.array_equal(raw, kept)


@pytest.mark.parametrize("name", ["mfcc", "micro", "shortest"])
def test_a_stream_gives_the_same_rows(name: str, features: ctypes.CDLL) -> None:
    """Whatever pieces the samples come in, the last rows are those of the whole signal."""
    one, index = PIPELINES[name], list(PIPELINES).index(name)
    frames = one.stages[0]
    long = np.concatenate(list(samples(one, 12, 3)))[None]
    framed = frames.apply(long, one.forms[0])
    for stage, form in zip(one.stages[1:], one.forms[1:], strict=False):
        framed = stage.apply(framed, form)
    rows = framed[0]
    count = one.forms[1].shape[0]
    lower = f"edgeq_features_{index}"
    getattr(features, f"{lower}_reset")()
    made = np.zeros((count, rows.shape[1]), rows.dtype)
    random, at, seen = np.random.default_rng(1), 0, 0
    while at < long.size:
        n = min(int(random.integers(1, 700)), long.size - at)
        seen += getattr(features, f"{lower}_push")(pointer(long[0], at), n)
        at += n
        whole = getattr(features, f"{lower}_latest")(pointer(made))
        assert whole == (seen >= count)
        if whole:
            assert np.array_equal(made, rows[seen - count : seen])
    assert seen == len(rows)
