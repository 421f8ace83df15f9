"""The model as a whole: inputs, outputs, sizes, and what a failed check says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from checker_models import (
    GOOD,
    IN_UINT8,
    OUT_UINT8,
    Model,
    activation,
    findings_of,
    graph_of,
    index,
    only,
    per_tensor,
    rules,
    unsigned,
)

from edgeq.checker import CheckFailed, check, examine
from edgeq.graph import DType, Graph, Tensor, write_model

CONV = GOOD["CONV_2D"]


def test_uint8_inputs_and_outputs_behind_quantize() -> None:
    assert findings_of(graph_of([IN_UINT8, GOOD["RELU"], OUT_UINT8])) == ()


def test_uint8_to_uint8() -> None:
    graph = unsigned(unsigned(GOOD["QUANTIZE"], 0), 1).graph()
    assert examine(graph) == ()
    (finding,) = examine(graph, runtime="tflm")
    assert (finding.rule, finding.dtype) == ("operand-type", "UINT8")


def test_empty_graph() -> None:
    tensor = activation((1, 4))
    assert set(rules(findings_of(Graph("m", (tensor,), (), (0,), (0,))))) == {
        "empty-graph",
        "output-not-computed",
    }
    assert "no-input" in rules(findings_of(Graph("m", (), (), (), ())))
    assert "no-output" in rules(findings_of(Graph("m", (), (), (), ())))


def test_input_as_output() -> None:
    graph = GOOD["RELU"].graph()
    finding = only(graph.replace(outputs=(1, 0)), "output-not-computed")
    assert "the model's input" in finding.message


def test_constant_as_output() -> None:
    graph = CONV.graph()
    assert "a constant" in only(graph.replace(outputs=(3, 1)), "output-not-computed").message


def test_output_listed_twice() -> None:
    only(GOOD["RELU"].graph().replace(outputs=(1, 1)), "output-twice")


def test_unused_input() -> None:
    graph = GOOD["RELU"].graph()
    more = graph.replace(tensors=(*graph.tensors, activation((1, 3), name="idle")), inputs=(0, 2))
    assert only(more, "unused-input", "warning").tensor == "idle"


def test_integer_interface() -> None:
    for dtype in (DType.UINT32, DType.COMPLEX64, DType.STRING):
        cast = Model("CAST", (Tensor("ids", (1, 4), dtype), activation((1, 4))), {})
        assert "input-type" in rules(findings_of(cast))
        arg = Model("ARG_MAX", (activation((1, 4)), index(1), Tensor("best", (1,), dtype)), {})
        assert "output-type" in rules(findings_of(arg))
    for dtype in (DType.INT16, DType.INT32, DType.INT64, DType.BOOL):
        arg = Model("ARG_MAX", (activation((1, 4)), index(1), Tensor("best", (1,), dtype)), {})
        assert "output-type" not in rules(findings_of(arg))


def test_dynamic_shapes_name_the_tensor_and_its_maker() -> None:
    model = GOOD["RELU"].with_tensor(1, shape_signature=(1, -1, 4, 2), shape=(1, 1, 4, 2))
    model = model.with_tensor(0, shape_signature=(1, 4, -1, 2))
    made, given = (f for f in findings_of(model) if f.rule == "dynamic-shape")
    assert "the model's input" in given.message
    assert "relu/1" in made.message
    assert "made by operator 0 (RELU)" in made.message


def test_sizes_that_follow_from_the_inputs_are_resolved() -> None:
    model = GOOD["RELU"].with_tensor(1, shape_signature=(1, -1, 4, 2), shape=(1, 1, 4, 2))
    (remark,) = findings_of(model)
    assert (remark.rule, remark.severity) == ("sizes", "info")
    checked = check(write_model(model.graph()), name="m")
    assert checked.graph[checked.graph.outputs[0]].shape == (1, 4, 4, 2)


def test_an_input_that_only_says_a_size_is_left_out() -> None:
    """As in the single operators that TensorFlow Lite Micro tests with, cut out of larger models."""
    model = GOOD["RESHAPE"].with_tensor(1, data=None)
    graph = model.graph()
    said, given = (
        next(t for t in graph.input_tensors if (t.dtype is DType.INT32) == is_size)
        for is_size in (True, False)
    )
    remark = only(model, "size-inputs", "info")
    assert repr(said.name) in remark.message
    checked = check(write_model(graph), name="m").graph
    assert [t.name for t in checked.input_tensors] == [given.name]
    (shape,) = (t.data for t in checked.tensors if t.name == said.name)
    assert shape is not None
    assert tuple(shape) == checked[checked.outputs[0]].shape


@pytest.mark.parametrize(
    ("place", "shape", "rule"), [(1, (3,), "operand-not-constant"), (2, (2, 17), "shape")]
)
def test_an_input_that_cannot_say_the_size_which_the_file_has_is_blamed(
    place: int, shape: tuple[int, ...], rule: str
) -> None:
    """It has another number of dimensions, or the output has room for other values than the input has."""
    model = GOOD["RESHAPE"].with_tensor(1, data=None).with_tensor(place, shape=shape)
    only(model, rule)


def test_an_input_that_says_a_size_which_the_file_has_not_is_blamed() -> None:
    model = GOOD["RESHAPE"].with_tensor(1, data=None)
    output = len(model.tensors) - 1
    opened = model.with_tensor(output, shape_signature=(-1,) * len(model.tensors[output].shape))
    assert rules(findings_of(opened)) == ["dynamic-shape"]


@pytest.mark.parametrize("dtype", [d for d in DType if d is not DType.VARIANT])
def test_sizes_of_a_model_that_takes_any_type(dtype: DType) -> None:
    """Text, say: what hangs on sizes cannot be computed of it, and a finding says why it is refused."""
    model = GOOD["RELU"].with_tensor(0, dtype=dtype, quant=None).with_tensor(1, shape_signature=(1, -1, 4, 2))
    assert rules(findings_of(model))


def test_an_open_batch_is_fixed_at_one() -> None:
    model = GOOD["RELU"]
    for place in (0, 1):
        model = model.with_tensor(place, shape_signature=(-1, 4, 4, 2))
    assert "fixed at 1" in only(model, "open-batch", "info").message
    assert rules(findings_of(model)) == []


def test_batches_of_several() -> None:
    model = GOOD["RELU"].with_tensor(0, shape=(3, 4)).with_tensor(1, shape=(3, 4))
    assert findings_of(model) == ()


def test_empty_tensors() -> None:
    model = GOOD["RELU"].with_tensor(0, shape=(1, 0)).with_tensor(1, shape=(1, 0))
    assert "empty-tensor" in rules(findings_of(model))


def test_errors_come_first_and_in_order() -> None:
    broken = GOOD["RELU"].with_tensor(1, quant=None)
    pool = replace(GOOD["MAX_POOL_2D"].with_tensor(1, quant=per_tensor(0.7)), version=99)
    found = findings_of(graph_of([GOOD["PAD"].with_tensor(0, quant=per_tensor(0.3)), broken, pool]))
    assert [f.severity for f in found] == sorted(
        (f.severity for f in found), key=["error", "warning", "info"].index
    )
    errors = [f.operator for f in found if f.severity == "error"]
    assert errors == sorted(errors, key=lambda i: -1 if i is None else i)


def test_check_failed_names_the_first_and_counts_the_rest() -> None:
    broken = replace(GOOD["RELU"], version=99)
    with pytest.raises(CheckFailed) as failed:
        check(write_model(graph_of([broken, broken, broken])), name="net")
    assert failed.value.exit_code == 1
    assert failed.value.message.startswith("net did not pass the check: operator 0 (RELU)")
    assert failed.value.message.endswith("(and 2 more errors)")
    assert failed.value.hint
    assert len(failed.value.findings) == 3
