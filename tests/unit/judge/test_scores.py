"""Which output is judged, and the errors of a regression."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeq.base.errors import DataError, UsageError
from edgeq.data import Dataset, dequantize
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor
from edgeq.judge import Judgement
from edgeq.judge.evaluation import EvaluationData, given_data, refuse_impossible
from edgeq.judge.float_model import FloatAnswers
from edgeq.judge.report import Accuracy, Confusion, Exactness, Regression, Scatter, Thresholds
from edgeq.judge.scores import answers, errors, scores

QUANT = QuantParams.per_tensor(0.25, 3)
RNG = np.random.default_rng(0)


def model(*names: str, classes: int = 3, dtype: DType = DType.INT8) -> Graph:
    """One input and outputs of these names; nobody runs it."""
    quant = None if dtype.is_float else QUANT
    tensors = (Tensor("in", (1, 4), DType.FLOAT32), *(Tensor(n, (1, classes), dtype, quant) for n in names))
    return Graph("m", tensors, (), (0,), tuple(range(1, len(tensors))))


@settings(max_examples=60, deadline=None)
@given(
    order=st.permutations(["box", "class", "score"]), named=st.sampled_from(["box", "class", "score", None])
)
def test_the_named_output_is_judged_wherever_it_is(order: list[str], named: str | None) -> None:
    graph = model(*order)
    wanted = named or order[0]
    y = np.arange(30) % 3
    x = np.zeros((30, 4), np.float32)
    answers = [np.eye(3, dtype=np.int8)[y if name == wanted else (y + 1) % 3] for name in order]
    data = given_data(EvaluationData((x, y), output=named), graph)
    assert data is not None and data.output == order.index(wanted)
    assert f"'{wanted}'" in data.notes[-1] and "--output names another" in data.notes[-1]
    shares, regression = scores(graph, data, answers, answers, None)
    assert shares == Accuracy(None, 1.0, 1.0, wanted) and regression is None


def test_an_output_is_named_by_position_too_and_no_other_name_is_taken() -> None:
    graph = model("o", "o")
    x, y = np.zeros((3, 4), np.float32), np.arange(3)
    for name in ("1", "output1"):
        data = given_data(EvaluationData((x, y), output=name), graph)
        assert data is not None and data.output == 1
    for name, said in (("o", "several outputs"), ("2", "no output"), ("", "no output")):
        with pytest.raises(UsageError, match=f"has {said} named") as caught:
            given_data(EvaluationData((x, y), output=name), graph)
        assert "output0, output1" in caught.value.hint


@settings(max_examples=60, deadline=None)
@given(n=st.integers(2, 20), width=st.integers(1, 4), seed=st.integers(0, 1000), scale=st.floats(0.01, 100))
def test_errors_are_those_of_the_formulas(n: int, width: int, seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    wanted = rng.normal(1, scale, (n, width)).astype(np.float32)
    real = (wanted + rng.normal(0, scale, wanted.shape)).astype(np.float32)
    values = (real + rng.normal(0, 0.1 * scale, wanted.shape)).astype(np.float32)
    found = errors(values, wanted, real)
    off = values.astype(float) - wanted
    assert found.mae == pytest.approx(np.mean(np.abs(off)))
    assert found.rmse == pytest.approx(np.sqrt(np.mean(off**2)))
    around = np.sum((wanted.astype(float) - wanted.astype(float).mean(axis=0)) ** 2)
    assert found.r2 == pytest.approx(1 - np.sum(off**2) / around)
    noise = np.sum((real.astype(float) - values) ** 2)
    assert found.sqnr_db == pytest.approx(10 * np.log10(np.sum(real.astype(float) ** 2) / noise))
    same = errors(wanted, wanted, wanted)
    assert (same.mae, same.rmse, same.r2, same.sqnr_db) == (0, 0, 1, None)
    assert errors(wanted * 0, wanted * 0).r2 is None


def test_a_regression_has_errors_of_all_three_and_no_accuracy() -> None:
    graph = model("a", "b", classes=2)
    q = RNG.integers(-100, 100, (12, 2)).astype(np.int8)
    device = q.copy()
    device[0, 0] += 4
    real = dequantize(q, graph.output_tensors[1])
    data = Dataset((np.zeros((12, 4), np.float32),), None, "made up", targets=real + 1, output=1)
    shares, found = scores(graph, data, [q * 0, q], [q * 0, device], FloatAnswers(None, real + 0.5))
    assert shares == Accuracy(None, None, None, "b")
    assert found is not None and found.output == "b" and found.float is not None
    assert (found.float.mae, found.int8.mae) == (0.5, 1.0)
    assert found.device.mae == pytest.approx((23 * 1 + 0) / 24), "one step of 4 x 0.25 is the error itself"
    assert found.float.sqnr_db is None and found.int8.sqnr_db is not None


def judgement(regression: Regression | None) -> Judgement:
    return Judgement(Accuracy(None, None, None), Exactness("oracle", 4, 4, 4, 0, 4), regression=regression)


@pytest.mark.parametrize(
    ("limit", "holds"),
    [
        ({"max_mae": 0.5}, True), ({"max_mae": 0.49}, False),
        ({"max_rmse": 0.5}, True), ({"max_rmse": 0.49}, False),
        ({"min_r2": 0.75}, True), ({"min_r2": 0.76}, False), ({"min_r2": -1.0}, True),
    ],
)  # fmt: skip
def test_limits_of_a_regression(limit: dict[str, float], holds: bool) -> None:
    wanted = np.array([[-1], [1], [-1], [1]], np.float32)
    found = errors(wanted + 0.5, wanted)
    assert (found.mae, found.rmse, found.r2) == (0.5, 0.5, 0.75)
    regression = Regression("o", None, found, found)
    told = Thresholds(**limit).findings(judgement(regression))  # type: ignore[arg-type]
    (name,) = limit
    assert [one.rule for one in told] == ([] if holds else [name.replace("_", "-")])
    (unmeasured,) = Thresholds(**limit).findings(judgement(None))  # type: ignore[arg-type]
    assert "was not measured" in unmeasured.message


@pytest.mark.parametrize(
    ("limits", "y", "said"),
    [
        ({"min_accuracy": 0.5}, np.zeros((3, 3), np.float32), "values of a regression, no classes"),
        ({"max_mae": 0.5}, np.arange(3), "class numbers as labels"),
        ({"min_r2": 0.5}, None, "has no labels"),
    ],
)
def test_a_limit_of_the_other_task_is_refused_before_any_work(limits: Any, y: Any, said: str) -> None:
    x = np.zeros((3, 4), np.float32)
    data = given_data(EvaluationData(x if y is None else (x, y)), model("o"))
    with pytest.raises(DataError, match=said):
        refuse_impossible(Thresholds(**limits), data)
    with pytest.raises(UsageError, match="no test data"):
        refuse_impossible(Thresholds(**limits), None)


@pytest.mark.parametrize(
    "y", [np.full(3, 0.5, np.float32), np.full(3, 3.0), np.zeros((3, 2), np.float32), np.array([0, 1, 3])]
)
def test_labels_that_the_output_cannot_have_are_refused_before_any_work(y: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"the model has outputs|the judged output of the model has 3"):
        given_data(EvaluationData((np.zeros((3, 4), np.float32), y)), model("o"))


PROBABILITY = QuantParams.per_tensor(1 / 256, -128)


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("classes", "squashed", "task", "are_classes"),
    [
        (3, False, None, True),
        (2, True, None, True),
        (1, True, None, True),
        (1, False, None, False),
        (1, True, "regression", False),
        (1, False, "classification", True),
    ],
)
def test_whole_floats_are_classes_where_the_output_shows_it(
    shape: tuple[int, ...], dtype: Any, classes: int, squashed: bool, task: Any, are_classes: bool
) -> None:
    made = Tensor("o", (1, classes), DType.INT8, PROBABILITY if squashed else QUANT)
    tensors = (Tensor("l", (1, classes), DType.INT8, QUANT), made)
    graph = Graph("m", tensors, (Operator("LOGISTIC" if squashed else "RELU", (0,), (1,)),), (0,), (1,))
    x, y = np.zeros((4, classes), np.float32), np.array([0, 1, 1, 0])
    data = given_data(EvaluationData((x, y.reshape(shape).astype(dtype)), task=task), graph)
    assert data is not None and (data.y is not None, data.targets is None) == (are_classes, are_classes)
    assert data.y is None or data.y.tolist() == y.tolist()
    assert task is not None or "--task" in data.notes[-1]


def test_a_confusion_counts_every_pair_of_label_and_decision() -> None:
    chance = np.random.default_rng(1)
    y, decided = chance.integers(0, 3, 200), chance.integers(0, 3, 200)
    data = Dataset((np.zeros((200, 4), np.float32),), y, "d")
    found = answers(model("o"), data, [np.eye(3, dtype=np.int8)[decided]])
    assert isinstance(found, Confusion)
    counts = np.zeros((3, 3), int)
    np.add.at(counts, (y, decided), 1)
    assert {(label, one): n for label, one, n in found.cells} == {
        (i, j): counts[i, j] for i in range(3) for j in range(3) if counts[i, j]
    }
    assert (found.samples, found.left_out) == (200, 0)
    wrong = {(i, j): counts[i, j] for i in range(3) for j in range(3) if i != j}
    assert found.worst is not None and found.worst[2] == max(wrong.values())


def test_of_many_classes_the_fullest_cells_are_told() -> None:
    classes, n = 60, 8000
    chance = np.random.default_rng(2)
    y, decided = chance.integers(0, classes, n), chance.integers(0, classes, n)
    data = Dataset((np.zeros((n, 4), np.float32),), y, "d")
    found = answers(model("o", classes=classes), data, [np.eye(classes, dtype=np.int8)[decided]])
    assert isinstance(found, Confusion)
    assert len(found.cells) == 1024
    assert found.left_out == n - sum(count for _, _, count in found.cells) > 0


@pytest.mark.parametrize("n", [1, 100, 3000])
def test_the_points_of_a_regression_are_values_in_pairs(n: int) -> None:
    graph = model("o", classes=1)
    targets = np.arange(n, dtype=np.float32).reshape(n, 1)
    got = (np.arange(n) % 100).astype(np.int8).reshape(n, 1)
    found = answers(graph, Dataset((np.zeros((n, 4), np.float32),), None, "d", targets=targets), [got])
    assert isinstance(found, Scatter)
    assert min(n, 256) <= len(found.points) <= 512
    for true, value in found.points:
        assert value == 0.25 * (int(true) % 100 - 3)


def test_without_labels_there_is_nothing_to_look_at() -> None:
    data = Dataset((np.zeros((2, 4), np.float32),), None, "d")
    assert answers(model("o"), data, [np.zeros((2, 3), np.int8)]) is None
