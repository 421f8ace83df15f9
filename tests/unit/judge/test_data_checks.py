"""What samples and answers show: random ranges, scales and classes, and each rule at its edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from edgeq.data import Dataset, random_data
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor
from edgeq.judge.data_checks import Evidence, check_data
from edgeq.judge.report import Accuracy
from edgeq.judge.report.regression import Errors, Regression

SEEDS = range(25)
NONE = Accuracy(None, None, None)
Array = npt.NDArray[np.generic]


def net(scale: float = 1 / 255, zero_point: int = -128, dtype: DType = DType.INT8, classes: int = 4) -> Graph:
    x = Tensor("x", (1, 8), dtype, QuantParams.per_tensor(scale, zero_point))
    y = Tensor("y", (1, classes), DType.INT8, QuantParams.per_tensor(0.1, 0))
    return Graph("net", (x, y), (Operator("FULLY_CONNECTED", (0,), (1,)),), (0,), (1,))


def evidence(
    x: Array,
    graph: Graph,
    *,
    outputs: Sequence[Array] = (),
    labels: Array | None = None,
    accuracy: Accuracy = NONE,
) -> Evidence:
    """Answers that vary, unless others are given."""
    random = np.random.default_rng(0)
    outputs = outputs or [random.integers(-128, 128, (len(x), 4)).astype(np.int8)]
    y = None if labels is None else labels.astype(np.int64)
    return Evidence(graph, Dataset((x,), y, "made up"), outputs, outputs, accuracy)


def rules(of: Evidence) -> list[str]:
    found = check_data(of)
    assert all(one.hint and "\n" not in one.message for one in found)
    return [one.rule for one in found]


def some_range(seed: int) -> tuple[np.random.Generator, Graph, float, float]:
    """A calibrated range anywhere from thousandths to thousands, around zero or beside it."""
    random = np.random.default_rng(seed)
    dtype = DType.INT8 if random.integers(2) else DType.UINT8
    lowest = -128 if dtype is DType.INT8 else 0
    scale, zero_point = float(10 ** random.uniform(-5, 2)), int(random.integers(0, 256)) + lowest
    return (
        random,
        net(scale, zero_point, dtype),
        (lowest - zero_point) * scale,
        (lowest + 255 - zero_point) * scale,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_data_like_the_calibration_data_says_nothing(seed: int) -> None:
    random, graph, low, high = some_range(seed)
    for share in (0.3, 0.7, 1.0):  # of the range, and a few of a hundred values just outside
        x = random.uniform(low * share, high * share, (100, 8)).astype(np.float32)
        x[:1] *= 1.2
        assert rules(evidence(x, graph)) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("times", [4, 16, 255, 1e4])
def test_data_that_is_too_large_is_told(seed: int, times: float) -> None:
    random, graph, low, high = some_range(seed)
    x = (random.uniform(low, high, (60, 8)) * times).astype(np.float32)
    (found,) = check_data(evidence(x, graph))
    half = (high - low) / 255 / 2
    cut = np.mean((x < low - half) | (x > high + half))
    assert (found.rule, found.severity) == ("input-saturates", "warning")
    assert abs(float(found.message.split(" %")[0]) - 100 * cut) < 0.1
    assert f"{x.min():.4g} to {x.max():.4g}" in found.message and f"{low:.4g} to {high:.4g}" in found.message


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("times", [16, 255, 1e4])
def test_data_that_is_too_small_is_told(seed: int, times: float) -> None:
    random, graph, low, high = some_range(seed)
    x = (random.uniform(low, high, (60, 8)) / times).astype(np.float32)
    (found,) = check_data(evidence(x, graph))
    assert (found.rule, found.severity) == ("input-inside", "warning")
    assert "far inside" in found.message


def test_integers_of_the_inputs_own_type_may_stand_at_its_ends_but_not_all_in_a_corner() -> None:
    random = np.random.default_rng(0)
    graph = net(1 / 255, 0, DType.UINT8)
    black = random.choice([0, 255], (50, 8)).astype(np.uint8)
    assert rules(evidence(black, graph)) == []
    assert rules(evidence((black // 255).astype(np.uint8), graph)) == ["input-inside"]


def test_every_sample_counts() -> None:
    """What the first samples look like says nothing of the others."""
    x = np.random.default_rng(0).uniform(0, 1, (1000, 8)).astype(np.float32)
    late = x.copy()
    late[-20:] *= 10
    assert rules(evidence(x, net())) == []
    assert rules(evidence(late, net())) == ["input-saturates"]
    answers = np.zeros((1000, 4), np.int8)
    assert rules(evidence(x, net(), outputs=[answers])) == ["constant-output"]
    answers[-1, 2] = 1
    assert rules(evidence(x, net(), outputs=[answers])) == []


@pytest.mark.parametrize(("share", "told"), [(0.009, False), (0.011, True)])
def test_one_percent_may_saturate(share: float, told: bool) -> None:
    x = np.random.default_rng(0).uniform(0, 1, (1000, 8)).astype(np.float32)
    x.reshape(-1)[: int(share * x.size)] = 1.5
    assert rules(evidence(x, net())) == ["input-saturates"] * told


def test_a_few_values_may_not_be_far_outside() -> None:
    x = np.random.default_rng(0).uniform(0, 1, (1000, 8)).astype(np.float32)
    x[500, 3] = -40
    (found,) = check_data(evidence(x, net()))
    assert found.rule == "input-outside" and "far outside" in found.message


def test_real_inputs_are_held_against_the_quantize_behind_them() -> None:
    graph = net()
    real = Tensor("real", (1, 8), DType.FLOAT32)
    graph = graph.replace(
        tensors=(*graph.tensors, real),
        operators=(Operator("QUANTIZE", (2,), (0,)), *graph.operators),
        inputs=(2,),
    )
    x = np.random.default_rng(0).uniform(0, 1, (50, 8)).astype(np.float32)
    assert rules(evidence(x, graph)) == []
    assert rules(evidence(255 * x, graph)) == ["input-saturates"]


def test_random_inputs_and_inputs_without_scale_have_no_range() -> None:
    graph = net()
    noise = random_data((Tensor("x", (1, 8), DType.FLOAT32),), 50)
    answers = [np.random.default_rng(0).integers(-9, 9, (50, 4)).astype(np.int8)]
    assert check_data(Evidence(graph, noise, answers, answers, NONE)) == ()
    plain = graph.replace(tensors=(Tensor("x", (1, 8), DType.INT32), graph.tensors[1]))
    assert rules(evidence(np.ones((50, 8), np.int32), plain)) == []


X = np.random.default_rng(1).uniform(0, 1, (100, 8)).astype(np.float32)
LABELS = np.arange(100) % 4


@pytest.mark.parametrize(
    ("share", "divided", "told"), [(0.45, 0.97, True), (0.9, 0.97, False), (0.97, None, False)]
)
def test_what_is_right_when_divided_is_told(share: float, divided: float | None, told: bool) -> None:
    x = np.random.default_rng(0).uniform(0, 255, (200, 8)).astype(np.float32)
    of = evidence(x, net(1.0, -128), accuracy=Accuracy(share, share, share))
    found = rules(replace(of, divided=divided))
    assert ("input-undivided" in found) == told


def test_one_class_for_all_is_told_unless_the_labels_are_one_too() -> None:
    answers = np.random.default_rng(2).integers(-128, 100, (100, 4)).astype(np.int8)
    answers[:, 1] = 127
    accuracy = Accuracy(0.9, 0.88, 0.88)
    found = check_data(evidence(X, net(), outputs=[answers], labels=LABELS, accuracy=accuracy))
    assert [one.rule for one in found] == ["one-class"]
    assert "class 1 in all 100 samples" in found[0].message and "4 classes" in found[0].message
    ones = evidence(X, net(), outputs=[answers], labels=np.ones(100), accuracy=Accuracy(1.0, 1.0, 1.0))
    assert rules(ones) == []
    same = [np.tile(np.array([0, 127, 0, 0], np.int8), (100, 1))]
    assert (
        rules(evidence(X, net(), outputs=same, labels=np.ones(100), accuracy=Accuracy(1.0, 1.0, 1.0))) == []
    )
    assert rules(evidence(X, net(), outputs=same)) == ["constant-output"]


def test_of_several_outputs_the_constant_one_is_named() -> None:
    graph = net()
    graph = graph.replace(
        tensors=(*graph.tensors, Tensor("second", (1, 2), DType.INT8, QuantParams.per_tensor(0.1, 0))),
        outputs=(1, 2),
    )
    varied = np.random.default_rng(2).integers(-128, 100, (100, 4)).astype(np.int8)
    (found,) = check_data(evidence(X, graph, outputs=[varied, np.full((100, 2), 5, np.int8)]))
    assert found.rule == "constant-output" and "'second'" in found.message


@pytest.mark.parametrize(
    ("accuracy", "labels", "told"),
    [
        (Accuracy(0.25, 0.25, 0.25), LABELS, True),
        (Accuracy(0.33, 0.33, 0.33), LABELS, True),  # 2 deviations of guessing are 9 points
        (Accuracy(0.40, 0.40, 0.40), LABELS, False),
        (Accuracy(0.02, 0.02, 0.02), LABELS, True),
        (Accuracy(None, 0.2, 0.2), LABELS, True),
        (Accuracy(0.9, 0.2, 0.2), LABELS, False),  # the float model knows: int8 lost it
        (Accuracy(0.90, 0.90, 0.90), np.arange(100) < 5, True),  # always "no" is right in 95 of 100
        (Accuracy(0.97, 0.97, 0.97), np.arange(100) < 5, False),
        (Accuracy(0.6, 0.6, 0.6), np.ones(100), False),
    ],
)
def test_an_accuracy_near_chance_is_told(accuracy: Accuracy, labels: Array, told: bool) -> None:
    found = rules(evidence(X, net(), labels=labels, accuracy=accuracy))
    assert ("near-chance" in found) == told


def test_what_int8_loses_is_told() -> None:
    found = check_data(evidence(X, net(), labels=LABELS, accuracy=Accuracy(0.995, 0.625, 0.625)))
    assert [one.rule for one in found] == ["int8-accuracy"]
    assert "37.00 points from 99.50 % (float) to 62.50 % (int8)" in found[0].message
    assert rules(evidence(X, net(), labels=LABELS, accuracy=Accuracy(0.9, 0.86, 0.86))) == []


def test_few_samples_are_no_evidence() -> None:
    few = np.full((5, 4), 3, np.int8)
    accuracy = Accuracy(0.2, 0.2, 0.2)
    assert rules(evidence(X[:5], net(), outputs=[few], labels=LABELS[:5], accuracy=accuracy)) == []


def test_a_run_that_judged_nothing_is_an_error() -> None:
    (found,) = check_data(evidence(X, net(), outputs=[np.zeros((100, 0), np.int8)]))
    assert (found.rule, found.severity) == ("nothing-judged", "error")


@pytest.mark.parametrize("who", ["the oracle", "the device"])
def test_what_is_not_a_number_is_an_error(who: str) -> None:
    good = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
    bad = good.copy()
    bad[7, 2] = np.nan
    expected, got = (bad, good) if who == "the oracle" else (good, bad)
    data = Dataset((X,), None, "made up")
    (found,) = check_data(Evidence(net(), data, [expected], [got], NONE))
    assert (found.rule, found.severity) == ("not-a-number", "error")
    assert f"1 of 400 output values of {who}" in found.message


@pytest.mark.parametrize("seed", SEEDS)
def test_a_regression_no_better_than_the_mean_is_told(seed: int) -> None:
    rng = np.random.default_rng(seed)
    r2 = float(rng.uniform(-2, 1))
    worse, better = Errors(1.0, 1.0, r2, None), Errors(1.0, 1.0, 0.9, None)
    base = evidence(rng.random((20, 8), np.float32), net())
    for of_float, expected in ((None, r2 <= 0), (better, False), (worse, r2 <= 0)):
        found = rules(replace(base, regression=Regression("y", of_float, worse, worse)))
        assert ("no-better-than-mean" in found) is expected
    few = evidence(rng.random((9, 8), np.float32), net())
    worst = Errors(1.0, 1.0, -1.0, None)
    assert "no-better-than-mean" not in rules(replace(few, regression=Regression("y", None, worst, worst)))
