"""What the runtime takes of each operator: each limit by a model beyond it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from checker_models import (
    GOOD,
    Model,
    activation,
    constant,
    findings_of,
    graph_of,
    index,
    only,
    per_tensor,
    rules,
    unsigned,
    without_bias,
)

from edgeq.backends.aot.ops import lower
from edgeq.backends.aot.target import Target
from edgeq.boards.cores import CORES
from edgeq.checker import examine
from edgeq.checker.runtimes import operators_of
from edgeq.graph import DType, Operator, Tensor, write_model

HOST = Target(CORES["native"])
CONV = GOOD["CONV_2D"]
DENSE = GOOD["FULLY_CONNECTED"]
ADD = GOOD["ADD"]
MEAN = GOOD["MEAN"]


@pytest.mark.parametrize("opcode", sorted(GOOD))
def test_good_models_pass(opcode: str) -> None:
    assert findings_of(GOOD[opcode]) == ()


@pytest.mark.parametrize("opcode", sorted(GOOD))
def test_litert_takes_the_good_models(opcode: str) -> None:
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    interpreter = litert.Interpreter(
        model_content=write_model(GOOD[opcode].graph()),
        experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    interpreter.invoke()
    output = interpreter.get_output_details()[0]
    assert tuple(output["shape"]) == GOOD[opcode].tensors[-1].shape


@pytest.mark.parametrize("opcode", sorted(GOOD))
def test_litert_has_the_newest_version_of_the_table(opcode: str) -> None:
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    model = replace(
        GOOD[opcode], version=min(operators_of("aot")[opcode][0].max_version, _LITERT_HAS.get(opcode, 99))
    )
    litert.Interpreter(
        model_content=write_model(model.graph()),
        experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF,
    ).allocate_tensors()


_LITERT_HAS = {"DEPTHWISE_CONV_2D": 6, "SQUEEZE": 1}
"""Its reference resolver lags behind its other kernels here."""


def test_the_backend_takes_what_the_table_allows() -> None:
    for model in GOOD.values():
        lower(model.graph(), HOST)
    for model in (CONV, DENSE, GOOD["DEPTHWISE_CONV_2D"]):
        assert lower(without_bias(model), HOST)


def test_left_out_bias_is_good() -> None:
    for model in (CONV, DENSE, GOOD["DEPTHWISE_CONV_2D"]):
        assert findings_of(without_bias(model)) == ()


def test_unsupported_operator_says_who_lists_what_there_is() -> None:
    finding = only(replace(GOOD["RELU"], opcode="FLOOR"), "unsupported-operator")
    assert "no FLOOR" in finding.message
    assert "edgeq operators --by aot" in finding.hint


def test_custom_operators() -> None:
    graph = GOOD["RELU"].graph()
    for name, expected in (("my_op", "custom operator"), ("edgetpu-custom-op", "Edge TPU")):
        op = replace(graph.operators[0], opcode="CUSTOM", custom_code=name)
        finding = only(graph.replace(operators=(op,)), "unsupported-operator")
        assert finding.opcode == name
        assert expected in finding.message


def test_sizes_computed_at_run_time_blame_the_open_batch() -> None:
    ends = [Tensor(name, (), DType.INT32) for name in ("first", "limit", "step")]
    finding = findings_of(Model("RANGE", (*ends, Tensor("numbers", (4,), DType.INT32)), {}))[0]
    assert finding.rule == "unsupported-operator"
    assert "batch size of 1" in finding.hint


def test_newer_versions_are_refused() -> None:
    assert "version 99" in only(replace(CONV, version=99), "operator-version").message


def test_operand_count() -> None:
    only(replace(ADD, tensors=(*ADD.tensors[:2], *ADD.tensors[1:])), "operand-count")
    only(replace(MEAN, tensors=(MEAN.tensors[0], MEAN.tensors[2])), "operand-count")


def test_missing_operand() -> None:
    graph = CONV.graph()
    op = replace(graph.operators[0], inputs=(0, -1, 2))
    assert "weights is left out" in only(graph.replace(operators=(op,)), "operand-missing").message


@pytest.mark.parametrize("opcode", sorted(set(GOOD) - {"QUANTIZE"}))
def test_activations_are_of_one_type(opcode: str) -> None:
    model = GOOD[opcode]
    taken = {dtype for form in operators_of("aot")[opcode] for dtype in form.types}
    wide = model.with_tensor(0, dtype=DType.INT16, quant=per_tensor(0.1))
    for one, words in ((unsigned(model, 0), "older unsigned form"), (wide, "16-bit")):
        (finding,) = findings_of(one)
        assert finding.rule in ("operand-type", "output-operand-type")
        assert words in finding.message or one.tensors[0].dtype in taken
    assert only(unsigned(model, len(model.tensors) - 1), "output-operand-type").dtype == "UINT8"


def test_an_unsigned_model_gets_one_finding() -> None:
    step = unsigned(unsigned(GOOD["RELU"], 0), 1)
    graph = graph_of([step, step, step])
    assert examine(graph) == ()
    (finding,) = examine(graph, runtime="tflm")
    assert finding.rule == "unsigned-model"
    assert "3 of 3 operators" in finding.message


def test_four_bit_weights_are_refused() -> None:
    small = constant(RNG.integers(-7, 8, (5, 32)).astype(np.int8), per_tensor(0.01), "weights")
    model = replace(DENSE, tensors=(DENSE.tensors[0], replace(small, dtype=DType.INT4), *DENSE.tensors[2:]))
    assert "4-bit" in only(model, "operand-type").message


RNG = np.random.default_rng(5)


@pytest.mark.parametrize(
    ("opcode", "place"), [("CONV_2D", 1), ("FULLY_CONNECTED", 1), ("DEPTHWISE_CONV_2D", 2)]
)
def test_weights_and_bias_are_constants(opcode: str, place: int) -> None:
    finding = findings_of(GOOD[opcode].with_tensor(place, data=None))[0]
    assert finding.rule == "operand-not-constant"
    assert "while the model runs" in finding.message


@pytest.mark.parametrize("opcode", ["MEAN", "PAD", "PADV2", "EXPAND_DIMS"])
def test_axes_and_paddings_are_constants(opcode: str) -> None:
    model = GOOD[opcode].with_tensor(1, data=None)
    assert "operand-not-constant" in rules(findings_of(model))


def test_a_shape_that_an_input_says_is_one_that_the_file_has() -> None:
    model = GOOD["RESHAPE"].with_tensor(1, data=None)
    assert not rules(findings_of(model))
    only(model, "size-inputs", "info")


def test_a_shape_that_is_computed_is_not() -> None:
    graph = GOOD["RESHAPE"].with_tensor(1, data=None).graph()
    said = len(graph.tensors)
    turned = Operator("NEG", (said,), (graph.operators[0].inputs[1],), {}, 1)
    computed = graph.replace(
        tensors=(*graph.tensors, replace(graph.tensors[1], name="said")),
        operators=(turned, *graph.operators),
        inputs=(graph.inputs[0], said),
    )
    finding = only(computed, "operand-not-constant")
    assert "is computed by operator 0 (NEG) while the model runs" in finding.message


def test_parameters_of_absurd_length() -> None:
    model = replace(MEAN, tensors=(MEAN.tensors[0], index(*[1] * 1000), MEAN.tensors[2]))
    assert "1000 values" in only(model, "operand-size").message


def test_variables() -> None:
    assert "between inferences" in only(ADD.with_tensor(1, is_variable=True), "variable").message


def test_operators_of_constants_only_are_good() -> None:
    """They are computed before the model runs."""
    relu = replace(
        GOOD["RELU"], tensors=(constant(np.zeros((1, 4), np.int8), per_tensor(0.1)), activation((1, 4)))
    )
    add = Model("ADD", (activation((1, 4)), activation((1, 4)), activation((1, 4))), {})
    assert findings_of(graph_of([relu, add])) == ()


@pytest.mark.parametrize(
    "opcode", ["CONV_2D", "FULLY_CONNECTED", "ADD", "MUL", "AVERAGE_POOL_2D", "MAX_POOL_2D"]
)
def test_fused_activations(opcode: str) -> None:
    for name in ("RELU", "RELU6", "RELU_N1_TO_1"):
        assert findings_of(GOOD[opcode].with_options(fused_activation_function=name)) == ()
    assert (
        "TANH"
        in only(GOOD[opcode].with_options(fused_activation_function="TANH"), "fused-activation").message
    )


def test_concatenation_fuses_nothing() -> None:
    only(GOOD["CONCATENATION"].with_options(fused_activation_function="RELU"), "fused-activation")


@pytest.mark.parametrize(
    ("opcode", "option"),
    [
        ("CONV_2D", "stride_w"),
        ("CONV_2D", "dilation_h_factor"),
        ("DEPTHWISE_CONV_2D", "stride_h"),
        ("AVERAGE_POOL_2D", "filter_width"),
        ("MAX_POOL_2D", "stride_w"),
    ],
)
def test_sizes_are_positive(opcode: str, option: str) -> None:
    for value in (0, -3, 1 << 20):
        assert option in only(GOOD[opcode].with_options(**{option: value}), "option").message


def test_shuffled_weights() -> None:
    only(DENSE.with_options(weights_format="SHUFFLED4x16INT8"), "option")


def test_ranks() -> None:
    model = replace(GOOD["MAX_POOL_2D"], tensors=(activation((1, 4, 4)), activation((1, 3, 3))))
    assert "3 dimensions" in only(model, "rank").message


def test_convolutions_take_batches() -> None:
    flat = Model("RESHAPE", (activation((1, 64)), index(2, 4, 4, 2), activation((2, 4, 4, 2))), {})
    assert findings_of(graph_of([flat, CONV.with_tensor(3, shape=(2, 2, 2, 3))])) == ()
