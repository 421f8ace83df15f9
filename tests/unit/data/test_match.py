"""Which array goes to which input: whatever inputs are called and however a converter has ordered them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeq.base.errors import DataError
from edgeq.data import Dataset, load_data, load_samples
from edgeq.graph import DType, Graph, Operator, Tensor, read_model, write_model
from edgeq.graph.names import called, positions

NAMES = st.text("abxy01:/_ é", max_size=6)
USERS = st.lists(st.text("abxy_", min_size=1, max_size=4), min_size=2, max_size=4, unique=True)


def tensor(name: str, alias: str = "", shape: tuple[int, ...] = (1, 3)) -> Tensor:
    return Tensor(name, shape, DType.FLOAT32, alias=alias)


def array(value: int, count: int = 4) -> np.ndarray:
    """Samples that tell whose they are."""
    return np.full((count, 3), value, np.float32)


def whose(data: Dataset) -> list[int]:
    return [int(x[0, 0]) for x in data.x]


@settings(max_examples=100, deadline=None)
@given(users=USERS, names=st.lists(NAMES, min_size=4, max_size=4), order=st.randoms(use_true_random=False))
def test_the_users_names_find_their_inputs_in_any_order(
    users: list[str], names: list[str], order: Any
) -> None:
    numbers = list(range(len(users)))
    order.shuffle(numbers)
    inputs = [tensor(names[i], users[i]) for i in numbers]  # as a converter has put them
    given_arrays = {user: array(i) for i, user in enumerate(users)}
    data = load_samples(given_arrays, inputs)
    assert whose(data) == numbers
    assert data.y is None, "every array is an input's, that called y too"
    assert all(f"{users[i]} takes '{users[i]}'" in data.notes[0] for i in numbers)


@settings(max_examples=100, deadline=None)
@given(names=st.lists(NAMES, min_size=2, max_size=4))
def test_every_input_can_be_named_whatever_the_file_calls_it(names: list[str]) -> None:
    inputs = [tensor(name) for name in names]
    own = called(inputs, "input")
    assert len(set(own)) == len(own)
    assert [positions(inputs, "input")[name] for name in own] == list(range(len(own)))
    assert whose(load_samples({name: array(i) for i, name in enumerate(own)}, inputs)) == list(
        range(len(own))
    )


@settings(max_examples=60, deadline=None)
@given(users=USERS, names=st.lists(NAMES, min_size=4, max_size=4))
def test_names_go_through_a_file(users: list[str], names: list[str]) -> None:
    n = len(users)
    inputs = [tensor(names[i], users[i]) for i in range(n)]
    outputs = [tensor(f"out{i}", users[n - 1 - i]) for i in range(n)]
    relus = tuple(Operator("RELU", (i,), (n + i,)) for i in range(n))
    ends = tuple(range(n)), tuple(reversed(range(n, 2 * n)))
    for ordered in (False, True):
        graph = Graph("m", (*inputs, *outputs), relus, *ends, is_in_source_order=ordered)
        read = read_model(write_model(graph))
        assert [t.alias for t in read.input_tensors] == users
        assert [t.alias for t in read.output_tensors] == users
        assert read.is_in_source_order == ordered
        assert write_model(read) == write_model(graph)


def test_position_is_taken_only_where_it_cannot_be_wrong() -> None:
    named = [tensor("a"), tensor("b")]
    pair = ([array(0), array(1)], np.arange(4))
    with pytest.raises(DataError, match="converters order inputs anew") as caught:
        load_samples(pair, named)
    assert "'a': …, 'b': …" in caught.value.hint
    known = load_samples(pair, named, in_order=True)
    assert whose(known) == [0, 1] and "the source's order: a takes array 0" in known.notes[0]
    for names in (("", ""), ("same", "same")):
        alike = load_samples(pair, [tensor(name) for name in names])
        assert whose(alike) == [0, 1]
        assert "the file's order: input0 takes array 0, input1 takes array 1" in alike.notes[0]
    wide = np.zeros((4, 5), np.float32)
    other = load_samples(([array(0), wide], np.arange(4)), [tensor("a"), tensor("b", shape=(1, 5))])
    assert [x.shape for x in other.x] == [(4, 3), (4, 5)]


def test_channels_first_are_no_other_shape() -> None:
    inputs = [tensor("a", shape=(1, 2, 2, 3)), tensor("b", shape=(1, 3, 2, 2))]
    arrays = [np.zeros((4, 2, 2, 3)), np.zeros((4, 3, 2, 2))]
    with pytest.raises(DataError, match="by position"):
        load_samples((arrays, np.arange(4)), inputs)


@pytest.mark.parametrize("names", [("input", "input"), ("", "")])
def test_one_array_never_goes_to_two_inputs(names: tuple[str, str]) -> None:
    inputs = [tensor(name) for name in names]
    with pytest.raises(DataError, match="no array named input0") as caught:
        load_samples({names[0]: array(0)}, inputs)
    assert "input0, input1" in caught.value.hint
    for first, second in (("input0", "input1"), ("0", "1")):
        assert whose(load_samples({first: array(0), second: array(1)}, inputs)) == [0, 1]


def test_labels_are_what_no_input_takes(tmp_path: Path) -> None:
    inputs = [tensor("x"), tensor("y")]
    y = np.arange(4)
    path = tmp_path / "d.npz"
    np.savez(path, x=array(0), y=array(1), target=y)
    for found in (load_data(str(path), inputs), load_samples({"x": array(0), "y": array(1)}, inputs)):
        assert whose(found) == [0, 1] and found.y is None and found.targets is None
    told = load_data(str(path), inputs, labels="target")
    assert whose(told) == [0, 1] and told.y is not None and told.y.tolist() == y.tolist()
    one = load_samples({"x": array(0), "y": y}, [tensor("y")])
    assert one.y is not None, "the input took x"
    with pytest.raises(DataError, match="no array named nowhere"):
        load_data(str(path), inputs, labels="nowhere")
    with pytest.raises(DataError, match="have no names"):
        load_samples((array(0), y), [tensor("x")], labels="target")


def test_a_function_may_name_its_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user_named.py").write_text(
        "import numpy as np\n"
        "def whole():\n    return {'b': np.ones((4, 3)), 'a': np.zeros((4, 3))}, np.arange(4)\n"
        "def each():\n"
        "    for i in range(4):\n        yield {'b': np.ones(3), 'a': np.zeros(3)}, i\n"
        "def torn():\n    yield {'a': np.ones(3)}\n    yield {'b': np.ones(3)}\n"
        "def listed():\n    yield [np.ones(3), np.zeros(3)]\n"
    )
    inputs = [tensor("serving_default_a:0"), tensor("serving_default_b:0")]
    for name in ("whole", "each"):
        data = load_data(f"user_named:{name}", inputs)
        assert whose(data) == [0, 1] and data.y is not None and data.y.tolist() == [0, 1, 2, 3]
    with pytest.raises(DataError, match="different arrays"):
        load_data("user_named:torn", inputs)
    with pytest.raises(DataError, match="by position"):
        load_data("user_named:listed", inputs)


@pytest.mark.parametrize(
    ("y", "task", "is_regression"),
    [
        (np.arange(4), None, False),
        (np.arange(4.0), None, True),
        (np.arange(4.0), "classification", False),
        (np.arange(4), "regression", True),
        (np.zeros((4, 2, 5), np.float32), None, True),
        (np.eye(4), "regression", True),
    ],
)
def test_the_task_is_told_by_the_labels(y: np.ndarray, task: Any, is_regression: bool) -> None:
    data = load_samples((array(0), y), [tensor("x")], task=task, limit=3)
    assert (data.y is None, data.targets is None) == (is_regression, not is_regression)
    found = data.targets if is_regression else data.y
    assert found is not None and np.array_equal(found, y[:3])
