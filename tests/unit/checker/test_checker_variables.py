"""What is said of models that keep a state: variables in order and of one kind, LSTMs that are taken."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgeq.checker import Finding, examine
from edgeq.graph import ABSENT, DType, Graph, Operator, QuantParams, Tensor

sys.path.insert(0, str(Path(__file__).parents[2] / "compiled" / "aot"))
from recurrent import Lstm, Svdf

QUANT = QuantParams.per_tensor(0.5, 3)
ONCE = Operator("CALL_ONCE", (), (), {"init_subgraph_index": 1})
HANDLE = Operator("VAR_HANDLE", (), (1,), {"shared_name": "sum"})
READ = Operator("READ_VARIABLE", (1,), (2,))
ADD = Operator("ADD", (2, 0), (3,), {"fused_activation_function": "NONE"})
ASSIGN = Operator("ASSIGN_VARIABLE", (1, 3), ())
USUAL = (ONCE, HANDLE, READ, ADD, ASSIGN)


def running_sum(operators: tuple[Operator, ...] = USUAL, **changes: Tensor) -> Graph:
    """y = state + x, which becomes the state; tensors by name may be others."""
    tensors = {
        "x": Tensor("x", (1, 2), DType.INT8, QUANT),
        "handle": Tensor("handle", (), DType.RESOURCE),
        "before": Tensor("before", (1, 2), DType.INT8, QUANT),
        "y": Tensor("y", (1, 2), DType.INT8, QUANT),
        "start": Tensor("start", (1, 2), DType.INT8, QUANT, np.zeros((1, 2), np.int8)),
    } | changes
    start = tensors.pop("start")
    return Graph("m", tuple(tensors.values()), operators, (0,), (3,), initials={("", "sum"): start})


def said(graph: Graph, runtime: str = "aot") -> list[Finding]:
    return [finding for finding in examine(graph, runtime=runtime) if finding.severity != "info"]


@pytest.mark.parametrize("runtime", ["aot", "tflm"])
def test_nothing_is_said_of_good_ones(runtime: str) -> None:
    assert said(running_sum(), runtime) == []
    assert said(Lstm().graph(), runtime) == []
    assert said(Svdf().graph(), runtime) == []


@pytest.mark.parametrize("runtime", ["aot", "tflm"])
@pytest.mark.parametrize(
    ("operators", "told"),
    [
        ((HANDLE, READ, ADD, ASSIGN), "reads the variable 'sum' before anything has set it"),
        ((HANDLE, READ, ONCE, ADD, ASSIGN), "reads the variable 'sum' before anything"),
        ((HANDLE, replace(ASSIGN, inputs=(1, 0)), ONCE, READ, ADD), "is used before CALL_ONCE"),
        ((ONCE, HANDLE, READ, ADD, replace(ASSIGN, inputs=(0, 3))), "is no handle of a variable"),
        ((ONCE, HANDLE, READ, ADD, replace(ASSIGN, inputs=(1,))), "1 inputs and 0 outputs"),
        ((replace(ONCE, unread_options="why"), HANDLE, READ, ADD, ASSIGN), "does more before the first"),
    ],
)
def test_an_order_that_makes_no_sense(operators: tuple[Operator, ...], told: str, runtime: str) -> None:
    errors = [f for f in said(running_sum(operators), runtime) if f.severity == "error"]
    assert errors and told in errors[0].message and errors[0].hint


@pytest.mark.parametrize(
    ("tensor", "told"),
    [
        (
            Tensor("start", (1, 3), DType.INT8, QUANT, np.zeros((1, 3), np.int8)),
            "is INT8 [1, 3] in one place",
        ),
        (Tensor("start", (1, 2), DType.INT16, QUANT, np.zeros((1, 2), np.int16)), "is INT16 [1, 2]"),
    ],
)
def test_a_variable_of_two_kinds(tensor: Tensor, told: str) -> None:
    (finding, *_) = said(running_sum(start=tensor))
    assert (finding.rule, finding.severity) == ("variable", "error") and told in finding.message


def test_two_scales_are_warned_of() -> None:
    other = Tensor("start", (1, 2), DType.INT8, QuantParams.per_tensor(0.4, 3), np.zeros((1, 2), np.int8))
    found = said(running_sum(start=other))
    assert {(f.rule, f.severity) for f in found} == {("scales-differ", "warning")}
    assert "'sum' has scale 0.4 and zero point 3 in one place" in found[0].message


def test_a_real_state_is_float_like_all_else() -> None:
    real = {
        name: Tensor(
            name, (1, 2), DType.FLOAT32, None, np.zeros((1, 2), np.float32) if name == "start" else None
        )
        for name in ("x", "before", "y", "start")
    }
    assert all("float" in f.rule for f in said(running_sum(**real)))


def changed(form: Lstm | Svdf, change: Callable[[list[Tensor], list[int]], None]) -> Graph:
    """A layer whose tensors, and the inputs of its operator, are changed in place."""
    graph = form.graph()
    tensors, inputs = list(graph.tensors), list(graph.operators[0].inputs)
    change(tensors, inputs)
    op = replace(graph.operators[0], inputs=tuple(inputs))
    return graph.replace(tensors=tuple(tensors), operators=(op,))


def with_constant(
    position: int, shape: tuple[int, ...], dtype: DType
) -> Callable[[list[Tensor], list[int]], None]:
    def change(tensors: list[Tensor], inputs: list[int]) -> None:
        inputs[position] = len(tensors)
        values = np.ones(shape, dtype.numpy)
        tensors.append(Tensor("more", shape, dtype, QuantParams.per_tensor(2.0**-12, 0), values))

    return change


def cell(scale: float, zero: int = 0) -> Callable[[list[Tensor], list[int]], None]:
    def change(tensors: list[Tensor], inputs: list[int]) -> None:
        tensors[inputs[19]] = replace(tensors[inputs[19]], quant=QuantParams.per_tensor(scale, zero))

    return change


def no_variable(tensors: list[Tensor], inputs: list[int]) -> None:
    tensors[inputs[18]] = replace(tensors[inputs[18]], is_variable=False, data=np.zeros((1, 6), np.int8))


def half_a_gate(_tensors: list[Tensor], inputs: list[int]) -> None:
    inputs[1] = ABSENT


def other_shape(tensors: list[Tensor], inputs: list[int]) -> None:
    tensors[inputs[6]] = replace(tensors[inputs[6]], shape=(6, 5), data=np.ones((6, 5), np.int8))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (with_constant(9, (6,), DType.INT16), "peepholes"),
        (with_constant(16, (3, 6), DType.INT8), "a projection"),
        (with_constant(20, (6,), DType.INT16), "normalized gates"),
        (cell(0.0005), "none of the powers of two"),
        (cell(2.0**-8), "none of the powers of two"),
        (cell(2.0**-11, 1), "zero point"),
        (no_variable, "no variable that is kept"),
        (half_a_gate, "there in part"),
        (other_shape, "operand 6 has the shape [6, 5]"),
    ],
)
def test_other_lstms_are_refused_by_name(
    change: Callable[[list[Tensor], list[int]], None], told: str
) -> None:
    errors = [f for f in said(changed(Lstm(), change)) if f.severity == "error"]
    assert errors and told in errors[0].message, [f.message for f in errors]


def test_what_only_one_runtime_has() -> None:
    assert said(Lstm(is_coupled=True).graph()) == []
    (finding,) = said(Lstm(is_coupled=True).graph(), "tflm")
    assert "TFLM has no LSTM without an input gate" in finding.message
    graph = Lstm().graph()
    bare = graph.replace(operators=(replace(graph.operators[0], intermediates=()),))
    assert said(bare, "tflm") == []
    assert "fifth intermediate tensor" in said(bare)[0].message


def test_an_lstm_of_int16_is_tflms_alone() -> None:
    graph = Lstm().graph()
    op, tensors = graph.operators[0], list(graph.tensors)
    for index in (op.inputs[0], op.inputs[18], op.outputs[0]):
        wide = QuantParams.per_tensor(2.0**-12, 0)
        tensors[index] = replace(tensors[index], dtype=DType.INT16, quant=wide)
    for index in op.inputs[12:16]:
        values = np.asarray(tensors[index].data).astype(np.int64)
        tensors[index] = replace(tensors[index], dtype=DType.INT64, data=values)
    wide_graph = graph.replace(tensors=tuple(tensors))
    assert said(wide_graph, "tflm") == []
    (finding, *_) = said(wide_graph)
    assert (finding.severity, finding.opcode) == ("error", "UNIDIRECTIONAL_SEQUENCE_LSTM")


def test_an_svdf_of_another_rank_than_its_filters() -> None:
    graph = Svdf().graph()
    options = {**graph.operators[0].options, "rank": 3}
    (finding,) = said(graph.replace(operators=(replace(graph.operators[0], options=options),)))
    assert "8 filters" in finding.message and "rank 3" in finding.message
