"""Every operator of the table, alone: strict, run by LiteRT, right, and as LiteRT's quantizer has it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import ModelError
from edgeq.converter import convert
from edgeq.converter.convert import Converted
from edgeq.converter.ops import RULES
from edgeq.converter.recurrent import LSTM, RECURRENT
from edgeq.data import Dataset, dequantize, quantize_input
from edgeq.graph import ABSENT, DType, Graph, write_model
from edgeq.interpreter import run
from edgeq.interpreter.adaptor import Resolver

from .catalogue import CASES, opcode
from .one import One
from .oracle import differences, litert
from .stateful_layers import lstm, svdf

STRICT = [name for name in CASES if opcode(name) in RULES and not RULES[opcode(name)].table]
REWRITTEN = {
    "SUM": ["MEAN", "MUL"],
    "SQUARE": ["MUL"],
    "NEG": ["MUL"],
    "ADD_N": ["ADD"],
    "L2_POOL_2D": ["MUL", "AVERAGE_POOL_2D", "SQRT"],
    **{
        name: ["CAST", "ADD", "GATHER"]
        for name in CASES
        if opcode(name) in RULES and RULES[opcode(name)].table and name != "POW"
    },
}
"""What takes the place of operators without an int8 form."""
UNASKED = ("NEG", "SQUARE", "SUM")
"""Those of which nothing is lost: they are rewritten unasked."""
REFUSED = [name for name in CASES if name not in STRICT and name not in REWRITTEN]

STEPS = {
    "SOFTMAX": 1.6,
    "LOGISTIC": 1.1,
    "TANH": 1.1,
    "L2_NORMALIZATION": 1.6,
    "RSQRT": 1.6,
    "REDUCE_PROD": 1.6,
    "LOG": 1.6,
}
"""How far results may be off, in steps of the output's scale, where one is not enough: these kernels work in
fixed point of their own, with 8 to 16 bits inside."""

OUR_OWN = {
    "PADV2": "LiteRT leaves the value to fill in float, so that the model does not run",
    "TILE": "version 1 runs in the reference kernels too, LiteRT's version 3 does not",
    "DEPTH_TO_SPACE": "version 1 runs in the reference kernels too, LiteRT's version 2 does not",
    "SELECT": "LiteRT takes the second choice's integers as if they had the first's scale",
}
"""Where edgeq differs from LiteRT's quantizer on purpose."""
UNKNOWN_TO_LITERT = {
    "ARG_MIN", "DIV", "DYNAMIC_UPDATE_SLICE", "ELU", "MATRIX_SET_DIAG", "ONE_HOT", "RELU_0_TO_1", "SELECT_V2",
    "TOPK_V2",
}  # fmt: skip


def converted(
    name: str, *, rewrite: bool = False, count: int = 40
) -> tuple[Graph, tuple[np.ndarray, ...], Converted]:
    """A case's float graph, samples for it, and its int8 model calibrated with these."""
    case = CASES[name]
    graph = case.graph()
    x = case.samples(graph, count, 0)
    done = convert(write_model(graph), graph, Dataset(x, None, "uniform"), mode="minmax", rewrite=rewrite)
    return graph, x, done


def is_strict(graph: Graph) -> bool:
    """Whether no operator reads or makes a float tensor."""
    used = [i for op in graph.operators for i in (*op.inputs, *op.outputs) if i != ABSENT]
    return not any(graph[i].dtype.is_float for i in used)


def as_seen(x: np.ndarray, graph: Graph, position: int) -> tuple[np.ndarray, np.ndarray]:
    """A sample as the int8 model's integers, and the real values that these stand for."""
    tensor = graph.input_tensors[position]
    if tensor.quant is None:
        return x, x
    q = quantize_input(x, tensor)
    return q, dequantize(q, tensor)


def errors_in_steps(
    graph: Graph, x: tuple[np.ndarray, ...], done: Converted
) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each output, |int8 - float| in steps of its scale, and the float values.

    The float model sees what the int8 inputs stand for, so that the inputs' own rounding is not counted.
    """
    pairs = [as_seen(array, done.graph, position) for position, array in enumerate(x)]
    wanted = run(write_model(graph), [real for _, real in pairs], resolver="optimized")
    found = []
    of_int8: tuple[Resolver, ...] = ("reference", "default")
    for resolver in ("tflm",) if graph.operators[0].opcode == "ELU" else of_int8:
        got = run(done.model, [q for q, _ in pairs], resolver=resolver)
        for real, raw, tensor in zip(wanted, got, done.graph.output_tensors, strict=True):
            if tensor.quant is None:
                found.append(((real != raw).astype(np.float64), real))
            else:
                ends = dequantize(np.array([-128, 127], np.int8), tensor)
                inside = np.clip(real, *ends)  # rounded inputs may lead beyond the calibrated range
                found.append((np.abs(dequantize(raw, tensor) - inside) / tensor.quant.scale, real))
    return found


def done_scale(done: Converted) -> float:
    """The scale of the first output."""
    quant = done.graph.output_tensors[0].quant
    assert quant is not None
    return quant.scale


def weight_allowance(graph: Graph, x: tuple[np.ndarray, ...], done: Converted) -> float:
    """What rounding constants can add, in steps of the output: half of theirs, times the largest input."""
    op = graph.operators[0]
    constants = [i for i in op.inputs if i != ABSENT and graph[i].is_constant and graph[i].dtype.is_float]
    step = done.graph.output_tensors[0].quant
    if not constants or step is None:
        return 0.0
    largest = max((float(np.abs(array).max()) for array in x if array.dtype == np.float32), default=0.0)
    total = 0.0
    for index in constants:
        values = np.abs(np.asarray(graph[index].data, np.float64))
        terms = values.size / max(done.graph.output_tensors[0].shape[-1], 1) if values.ndim > 1 else 1.0
        total += 0.5 * values.max() / 127 * max(1.0, terms * largest)
    return total / step.scale


@pytest.mark.sample(12)
@pytest.mark.parametrize("name", STRICT)
def test_an_operator_is_strict_and_right(name: str) -> None:
    graph, x, done = converted(name)
    assert is_strict(done.graph)
    assert opcode(name) in [op.opcode for op in done.graph.operators]
    if RULES[opcode(name)].exact == (0,):
        for wrong, _ in errors_in_steps(graph, x, done):
            assert wrong.mean() < 0.005, (
                "an index or a truth value differs only where two values are one integer"
            )
        return
    if opcode(name) == LSTM:  # what is off in one step of time enters the next
        for steps, real in errors_in_steps(graph, x, done):
            assert steps.mean() < 1.5 and steps.mean() < 0.1 * np.abs(real).mean() / done_scale(done)
        return
    allowed = STEPS.get(opcode(name), 1.0) + weight_allowance(graph, x, done)
    if RULES[opcode(name)].tie == "output":
        allowed += 0.5  # inputs are brought to one scale first
    for steps, _ in errors_in_steps(graph, x, done)[:: len(done.graph.outputs)]:
        assert steps.max() <= allowed + 0.01, f"{steps.max():.2f} steps, {allowed:.2f} allowed"


@pytest.mark.sample(8)
@pytest.mark.parametrize(
    "name", [n for n in STRICT if opcode(n) not in {*UNKNOWN_TO_LITERT, *OUR_OWN, *RECURRENT}]
)
def test_an_operator_is_quantized_as_litert_quantizes_it(name: str) -> None:
    graph, x, done = converted(name)
    assert differences(done.graph, litert(write_model(graph), list(x))[1]) == []


@pytest.mark.parametrize("name", sorted(OUR_OWN))
def test_a_difference_from_litert_is_still_one(name: str) -> None:
    graph, x, done = converted(name)
    assert differences(done.graph, litert(write_model(graph), list(x))[1]) != []


@pytest.mark.parametrize("name", sorted(n for n in STRICT if opcode(n) in UNKNOWN_TO_LITERT))
def test_litert_still_refuses_what_is_quantized_here_alone(name: str) -> None:
    case = CASES[name]
    graph = case.graph()
    with pytest.raises(RuntimeError, match="not yet supported"):
        litert(write_model(graph), list(case.samples(graph, 4, 0)))


@pytest.mark.sample(4)
@pytest.mark.parametrize("name", sorted(set(REWRITTEN) & set(CASES)))
def test_a_rewrite_is_strict_and_right(name: str) -> None:
    if name not in UNASKED:
        with pytest.raises(ModelError, match=opcode(name)) as caught:
            converted(name)
        assert "--rewrite" in caught.value.hint
    graph, x, done = converted(name, rewrite=True)
    assert is_strict(done.graph)
    assert [op.opcode for op in done.graph.operators if op.opcode != "QUANTIZE"] == REWRITTEN[name]
    assert any(opcode(name) in note for note in done.notes)
    allowed = {"L2_POOL_2D": 16.0, "ADD_N": 1.0, "SUM": 8.0}.get(name, 1.0)
    for steps, _ in errors_in_steps(graph, x, done):
        assert steps.max() <= allowed + 0.01


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_quantized_is_refused_by_name_even_with_rewrites(name: str) -> None:
    with pytest.raises(ModelError, match=opcode(name)) as caught:
        converted(name, rewrite=True)
    assert caught.value.hint


def test_every_rule_has_a_case() -> None:
    assert set(RULES) == {opcode(name) for name in CASES} & set(RULES)


def test_the_document_names_every_operator_of_the_table() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "operators.md").read_text()
    assert [name for name in (*RULES, *REWRITTEN) if opcode(name) not in text] == []


def test_every_operator_that_stands_in_the_way_is_named() -> None:
    one = One(0)
    x = one.same("SIN", one.same("CUMSUM", one.input(1, 4, 4, 2), one.scalar(3)))
    graph = one.graph(one.same("ZEROS_LIKE", x))
    data = Dataset((np.random.default_rng(0).normal(size=(12, 4, 4, 2)).astype(np.float32),), None, "n")
    with pytest.raises(ModelError) as caught:
        convert(write_model(graph), graph, data)
    assert caught.value.message.startswith("operator 0 (CUMSUM)")
    assert "nor can operator 1 (SIN), operator 2 (ZEROS_LIKE)" in caught.value.message


@pytest.mark.parametrize("name", ["SLICE", "TILE", "RESHAPE"])
def test_a_size_that_is_computed_at_run_time_is_refused_by_name(name: str) -> None:
    one = One(0)
    x = one.input(1, 4, 4, 2)
    sizes = one.typed_input(DType.INT32, 4)
    inputs = (x, one.ints(0, 0, 0, 0), sizes) if name == "SLICE" else (x, sizes)
    graph = one.graph(one.op(name, inputs, (1, 4, 4, 2)))
    x_data = np.random.default_rng(0).normal(size=(12, 4, 4, 2)).astype(np.float32)
    data = Dataset((x_data, np.ones((12, 4), np.int32)), None, "n")
    with pytest.raises(ModelError, match=f"{name}.*computed while the model runs"):
        convert(write_model(graph), graph, data)


@pytest.mark.parametrize("name", ["WHILE", "IF", "NON_MAX_SUPPRESSION_V4", "WHERE"])
def test_control_flow_and_results_of_unknown_size_are_refused_by_name(name: str) -> None:
    one = One(0)
    x = one.input(1, 4)
    graph = one.graph(one.op(name, (x,), (1, 4)))
    data = Dataset((np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32),), None, "n")
    with pytest.raises(ModelError, match=name):
        convert(write_model(graph), graph, data)


def test_a_comparison_of_large_values_on_which_litert_aborts_is_refused() -> None:
    one = One(0)
    x = one.input(1, 4)
    graph = one.graph(*one.many("GREATER", (x, one.normal(4)), [(1, 4)], [DType.BOOL]))
    x_data = np.random.default_rng(0).normal(0, 200, size=(12, 4)).astype(np.float32)
    with pytest.raises(ModelError, match=r"GREATER compares .*scales below 1") as caught:
        convert(write_model(graph), graph, Dataset((x_data,), None, "n"))
    assert "divide" in caught.value.hint


def test_whole_numbers_stay_whole_numbers() -> None:
    """What follows an ARG_MAX works on int32 and is left as it is."""
    one = One(0)
    best = one.many(
        "ARG_MAX", (one.input(1, 6, 4), one.scalar(2)), [(1, 6)], [DType.INT32], output_type="INT32"
    )
    graph = one.graph(*one.many("MUL", (best[0], one.ints(3)), [(1, 6)], [DType.INT32]))
    x = np.random.default_rng(0).normal(size=(12, 6, 4)).astype(np.float32)
    done = convert(write_model(graph), graph, Dataset((x,), None, "n"))
    got = run(done.model, [quantize_input(x, done.graph.input_tensors[0])])[0]
    assert (got == 3 * x.argmax(axis=2)).mean() > 0.95


def test_division_by_a_constant_needs_no_rewrite() -> None:
    one = One(0)
    x = one.input(1, 4, 4, 2)
    divisor = one.floats(np.array([2.0, 5.0]))
    graph = one.graph(one.same("DIV", x, divisor, fused_activation_function="NONE"))
    data = Dataset((np.random.default_rng(0).normal(size=(12, 4, 4, 2)).astype(np.float32),), None, "n")
    plain = convert(write_model(graph), graph, data, mode="minmax")
    assert [op.opcode for op in plain.graph.operators] == ["DIV"], "DIV has an int8 kernel"
    for steps, _ in errors_in_steps(graph, data.x, plain):
        assert steps.max() <= 2


# --- layers with a state --------------------------------------------------------------------------

RECURRENT_CASES = [name for name in STRICT if opcode(name) in RECURRENT]


@pytest.mark.parametrize("name", RECURRENT_CASES)
def test_a_layer_with_a_state_has_the_formats_that_litert_gives_it(name: str) -> None:
    """With one sample: LiteRT's calibrator goes on with the state of the sample before.

    It looks at an LSTM's cell when the sequence has ended; ours has seen every step, and may be wider.
    """
    graph, x, done = converted(name, count=1)
    theirs = litert(write_model(graph), list(x))[1]
    mine, other = done.graph.operators[0], theirs.operators[0]
    assert (mine.version, len(mine.intermediates)) == (other.version, len(other.intermediates))
    ours = (*mine.inputs, *mine.outputs, *mine.intermediates)
    for slot, (a, b) in enumerate(
        zip(ours, (*other.inputs, *other.outputs, *other.intermediates), strict=True)
    ):
        assert (a < 0) == (b < 0)
        if a < 0:
            continue
        tensor, wanted = done.graph[a], theirs[b]
        assert tensor.dtype is wanted.dtype, slot
        if wanted.quant is None:
            assert tensor.quant is None
            continue
        assert tensor.quant is not None and tensor.quant.zero_point == wanted.quant.zero_point
        ratio = tensor.quant.scale / wanted.quant.scale
        if opcode(name) == LSTM and slot == 19:
            assert ratio in (1.0, 2.0)
        else:
            assert abs(ratio - 1) < 1e-5, slot
        if wanted.data is not None and wanted.data.size:
            assert np.abs(np.asarray(tensor.data, np.int64) - wanted.data).max() <= 1


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", RECURRENT_CASES)
def test_the_automatic_mode_quantizes_layers_with_a_state(name: str) -> None:
    case = CASES[name]
    graph = case.graph()
    x = case.samples(graph, 40, 0)
    done = convert(write_model(graph), graph, Dataset(x, None, "uniform"))
    assert is_strict(done.graph)
    steps = errors_in_steps(graph, x, done)[0][0]
    assert steps.mean() < 1.6


def test_every_sample_starts_with_an_empty_state() -> None:
    graph = CASES["UNIDIRECTIONAL_SEQUENCE_LSTM"].graph()
    x = CASES["UNIDIRECTIONAL_SEQUENCE_LSTM"].samples(graph, 3, 0)[0]
    model = write_model(graph)
    np.testing.assert_array_equal(run(model, [x])[0][2], run(model, [x[2:]])[0][0])


def test_an_lstm_without_the_tensors_between_gets_them() -> None:
    graph = CASES["UNIDIRECTIONAL_SEQUENCE_LSTM"].graph()
    bare = graph.replace(operators=(replace(graph.operators[0], intermediates=()),))
    x = CASES["UNIDIRECTIONAL_SEQUENCE_LSTM"].samples(graph, 20, 0)
    done = convert(write_model(bare), bare, Dataset(x, None, "uniform"), mode="minmax")
    assert len(done.graph.operators[0].intermediates) == 5
    assert errors_in_steps(graph, x, done)[0][0].mean() < 1.5


def test_an_svdf_without_relu_is_refused() -> None:
    one = One(0)
    graph = one.graph(svdf(one, one.input(1, 6), 4, 2, 5))
    data = Dataset((np.random.default_rng(0).normal(size=(12, 6)).astype(np.float32),), None, "n")
    with pytest.raises(ModelError, match=r"SVDF.*activation NONE") as caught:
        convert(write_model(graph), graph, data)
    assert "RELU" in caught.value.hint


def test_an_lstm_in_time_major_order_and_between_other_layers() -> None:
    one = One(5)
    x = one.op("TRANSPOSE", (one.input(1, 6, 5), one.ints(1, 0, 2)), (6, 1, 5))
    x = lstm(one, x, 8, time_major=True)
    graph = one.graph(one.dense(one.op("RESHAPE", (x, one.ints(1, 48)), (1, 48)), 3))
    x_data = np.random.default_rng(0).normal(size=(30, 6, 5)).astype(np.float32)
    done = convert(write_model(graph), graph, Dataset((x_data,), None, "n"))
    assert is_strict(done.graph)
    assert errors_in_steps(graph, (x_data,), done)[0][0].mean() < 2
