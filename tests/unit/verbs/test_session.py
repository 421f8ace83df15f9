"""What an open model is given: raw samples, where it is made of such, features, or values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from edgeq.base.errors import DataError
from edgeq.features import Preprocessing, Sound
from edgeq.features.stages.frames import Frames
from edgeq.graph import DType, Graph, QuantParams, Tensor
from edgeq.verbs.runtimes.session import Session

STEP = Preprocessing(10.0, 4.0, Sound(6, 8000), (Frames(3, 3),))
RAW = np.array([10, 14, 18, 22, 26, 30], np.int16)
QUANT = QuantParams.per_tensor(0.5, 3)


class Heard(Session):
    """Keeps what it is given, and answers nothing."""

    def _run(self, inputs: Sequence[Any], *, begin: bool) -> Sequence[Any]:
        self.given = inputs
        return [np.zeros((1, 1), np.int8)]


def opened(*made_there: int) -> Heard:
    x = replace(Tensor("x", (1, 2, 3), DType.INT8, QUANT), preprocessing=STEP)
    y = Tensor("y", (1, 1), DType.INT8, QUANT)
    return Heard(Graph("m", (x, y), (), (0,), (1,)), None, frozenset(made_there))


def test_a_device_that_makes_its_features_is_given_raw_samples() -> None:
    session = opened(0)
    session.infer(RAW)
    assert session.given[0].dtype == np.int16 and np.array_equal(session.given[0], RAW)
    for wrong in (np.zeros((2, 3), np.float32), RAW[:5], RAW.astype(np.int32)):
        with pytest.raises(DataError, match=r"of raw samples int16 \[6\]") as caught:
            session.infer(wrong)
        assert caught.value.hint


def test_another_is_given_what_comes_of_them() -> None:
    session = opened()
    session.infer(RAW)
    wanted = np.array([[[0, 1, 2], [3, 4, 5]]]) * 2 + 3
    assert session.given[0].dtype == np.int8 and np.array_equal(session.given[0], wanted)
    session.infer(np.array([[0, 1, 2], [3, 4, 5]], np.float32))
    assert np.array_equal(session.given[0], wanted)
