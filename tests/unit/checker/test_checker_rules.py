"""Each rule, by a model written to break it, and read back before it is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from checker_models import (
    DEQUANTIZE,
    ELU,
    FROM_FLOAT,
    GOOD,
    IN_UINT8,
    OUT_UINT8,
    Model,
    activation,
    constant,
    graph_of,
    index,
    per_channel,
    per_tensor,
    weights,
    without_bias,
)

from edgeq.checker import CheckFailed, Finding, check, examine
from edgeq.checker.operators import RUNTIMES
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, read_model, write_model

CONV, DENSE, ADD, MEAN = GOOD["CONV_2D"], GOOD["FULLY_CONNECTED"], GOOD["ADD"], GOOD["MEAN"]


def findings_of(graph: Graph | Model) -> tuple[Finding, ...]:
    """What the checker says about the file that the graph makes."""
    data = write_model(graph.graph() if isinstance(graph, Model) else graph)
    return examine(data, read_model(data, "m"))


def rules(findings: Sequence[Finding], severity: str = "error") -> list[str]:
    return [finding.rule for finding in findings if finding.severity == severity]


def only(graph: Graph | Model, rule: str, severity: str = "error") -> Finding:
    """The one finding of that severity, after seeing that it is well-formed and of the rule."""
    findings = findings_of(graph)
    assert rules(findings, severity) == [rule], [f.message for f in findings]
    finding = next(f for f in findings if f.severity == severity)
    assert finding.message
    assert finding.hint or severity != "error"
    if finding.operator is not None:
        assert finding.message.startswith(f"operator {finding.operator} ({finding.opcode}): ")
    return finding


def test_a_good_model_of_every_operator_exists() -> None:
    assert set(GOOD) == set(RUNTIMES["aot"])


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
        GOOD[opcode], version=min(RUNTIMES["aot"][opcode].max_version, _LITERT_HAS.get(opcode, 99))
    )
    litert.Interpreter(
        model_content=write_model(model.graph()),
        experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF,
    ).allocate_tensors()


_LITERT_HAS = {"DEPTHWISE_CONV_2D": 6, "SQUEEZE": 1}
"""Its reference resolver lags behind its other kernels here."""


def test_left_out_bias_is_good() -> None:
    for model in (CONV, DENSE, GOOD["DEPTHWISE_CONV_2D"]):
        assert findings_of(without_bias(model)) == ()


# --- floats --------------------------------------------------------------------------------------------------


def test_float_island_names_operator_tensor_type_cause_and_remedy() -> None:
    finding = only(graph_of([GOOD["RELU"], DEQUANTIZE, ELU, FROM_FLOAT]), "float-operator")
    assert (finding.operator, finding.opcode, finding.dtype) == (2, "ELU", "FLOAT32")
    assert finding.tensor
    assert finding.tensor in finding.message
    assert "ELU has no int8 form, so the converter left it in float between DEQUANTIZE and QUANTIZE" in (
        finding.message
    )
    assert "RELU" in finding.hint


def test_two_operators_of_one_island_are_both_named() -> None:
    found = findings_of(graph_of([GOOD["RELU"], DEQUANTIZE, ELU, replace(ELU, opcode="ABS"), FROM_FLOAT]))
    assert [(f.opcode, f.rule) for f in found] == [("ELU", "float-operator"), ("ABS", "float-operator")]
    assert all("between DEQUANTIZE and QUANTIZE" in f.message for f in found)
    assert "the converter left ABS in float" in found[1].message


def test_float_input() -> None:
    finding = only(graph_of([FROM_FLOAT, GOOD["RELU"]]), "float-input")
    assert finding.operator == 0
    assert "without an integer input type" in finding.message


def test_float_output() -> None:
    finding = only(graph_of([GOOD["RELU"], DEQUANTIZE]), "float-output")
    assert finding.operator == 1
    assert "without an integer output type" in finding.message


def test_a_float_model_gets_one_finding() -> None:
    finding = only(graph_of([ELU, replace(ELU, opcode="RELU")]), "float-model")
    assert "all 2 operators" in finding.message
    assert "edgeq convert" in finding.hint


def hybrid(model: Model) -> Model:
    return replace(
        model,
        tensors=(
            activation((1, 4, 4, 2), dtype=DType.FLOAT32),
            model.tensors[1],
            constant(np.zeros(3, np.float32), None, "bias"),
            activation((1, 2, 2, 3), dtype=DType.FLOAT32),
        ),
    )


def test_hybrid_model() -> None:
    finding = only(hybrid(CONV), "hybrid")
    assert "dynamic-range" in finding.message
    assert "1 of 1 operators" in finding.message
    assert (finding.tensor, finding.dtype) == ("weights", "INT8")


def test_hybrid_operator_in_an_int8_model() -> None:
    finding = only(graph_of([GOOD["RELU"], DEQUANTIZE, hybrid(CONV)]), "hybrid")
    assert finding.operator == 2
    assert "weights" in finding.message


def test_weights_stored_small_and_widened() -> None:
    """float16 or int8 storage: DEQUANTIZE of a constant before a float operator."""
    image = activation((1, 4), dtype=DType.FLOAT32, name="x")
    half = Tensor("half", (3, 4), DType.FLOAT16, None, np.ones((3, 4), np.float16))
    wide = Tensor("wide", (3, 4), DType.FLOAT32)
    out = activation((1, 3), dtype=DType.FLOAT32, name="y")
    quantized = activation((1, 3), name="q")
    graph = Graph(
        "m",
        (image, half, wide, out, quantized),
        (
            Operator("DEQUANTIZE", (1,), (2,), {}, 2),
            Operator("FULLY_CONNECTED", (0, 2), (3,), {}),
            Operator("QUANTIZE", (3,), (4,), {}),
        ),
        (0,),
        (4,),
    )
    finding = only(graph, "float-operator")
    assert finding.operator == 1
    assert "stored as FLOAT16" in finding.message


def test_float_intermediates_are_not_operands() -> None:
    """A fused LSTM's float tensors only carry parameters: the LSTM is missing, not float."""
    model = GOOD["RELU"].graph()
    extra = (*model.tensors, Tensor("carrier", (0,), DType.FLOAT32, per_tensor(0.5)))
    op = replace(model.operators[0], opcode="UNIDIRECTIONAL_SEQUENCE_LSTM", intermediates=(2,))
    finding = only(model.replace(tensors=extra, operators=(op,)), "unsupported-operator")
    assert "float" not in finding.message


# --- the runtime's operators ---------------------------------------------------------------------------------


def test_unsupported_operator_lists_what_there_is() -> None:
    finding = only(replace(GOOD["RELU"], opcode="HARD_SWISH"), "unsupported-operator")
    assert "no HARD_SWISH" in finding.message
    assert "CONV_2D" in finding.hint


def test_custom_operators() -> None:
    graph = GOOD["RELU"].graph()
    for name, expected in (("my_op", "custom operator"), ("edgetpu-custom-op", "Edge TPU")):
        op = replace(graph.operators[0], opcode="CUSTOM", custom_code=name)
        finding = only(graph.replace(operators=(op,)), "unsupported-operator")
        assert finding.opcode == name
        assert expected in finding.message


def test_sizes_computed_at_run_time_blame_the_open_batch() -> None:
    shape = Model("SHAPE", (activation((1, 4)), Tensor("s", (2,), DType.INT32)), {"out_type": "INT32"})
    finding = findings_of(shape)[0]
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


def unsigned(model: Model, place: int) -> Model:
    info = model.tensors[place]
    return model.with_tensor(
        place, dtype=DType.UINT8, quant=per_tensor(info.quant.scale if info.quant else 1, 128)
    )


@pytest.mark.parametrize("opcode", sorted(set(GOOD) - {"QUANTIZE"}))
def test_activations_are_int8(opcode: str) -> None:
    model = GOOD[opcode]
    finding = only(unsigned(model, 0), "operand-type")
    assert (finding.operator, finding.dtype) == (0, "UINT8")
    assert "older unsigned form" in finding.message
    assert only(unsigned(model, len(model.tensors) - 1), "output-operand-type").dtype == "UINT8"
    sixteen = model.with_tensor(0, dtype=DType.INT16, quant=per_tensor(0.1))
    assert "16-bit" in findings_of(sixteen)[0].message


def test_an_unsigned_model_gets_one_finding() -> None:
    step = unsigned(unsigned(GOOD["RELU"], 0), 1)
    finding = only(graph_of([step, step, step]), "unsigned-model")
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


@pytest.mark.parametrize("opcode", ["MEAN", "PAD", "PADV2", "EXPAND_DIMS", "RESHAPE"])
def test_axes_paddings_and_shapes_are_constants(opcode: str) -> None:
    model = GOOD[opcode].with_tensor(1, data=None)
    assert "operand-not-constant" in rules(findings_of(model))


def test_parameters_of_absurd_length() -> None:
    model = replace(MEAN, tensors=(MEAN.tensors[0], index(*[1] * 1000), MEAN.tensors[2]))
    assert "1000 values" in only(model, "operand-size").message


def test_variables() -> None:
    assert "between inferences" in only(ADD.with_tensor(1, is_variable=True), "variable").message


def test_operators_of_constants_only() -> None:
    values = np.zeros((1, 4), np.int8)
    graph = graph_of([replace(GOOD["RELU"], tensors=(constant(values, per_tensor(0.1)), activation((1, 4))))])
    assert "constant-operator" in rules(findings_of(graph))


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


def test_convolutions_take_a_batch_of_one() -> None:
    flat = Model("RESHAPE", (activation((1, 64)), index(2, 4, 4, 2), activation((2, 4, 4, 2))), {})
    conv = CONV.with_tensor(3, shape=(2, 2, 2, 3))
    assert "batch of 2" in only(graph_of([flat, conv]), "batch").message


# --- shapes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opcode", sorted(GOOD))
def test_outputs_have_the_shape_that_follows(opcode: str) -> None:
    model = GOOD[opcode]
    last = len(model.tensors) - 1
    shape = model.tensors[last].shape
    for wrong in ((*shape[:-1], shape[-1] + 1), (*shape, 1), (1, *shape), shape[:-1]):
        assert rules(findings_of(model.with_tensor(last, shape=wrong))) == ["shape"]


SHAPES: dict[str, Callable[[], Model]] = {
    "weights' rank": lambda: replace(CONV, tensors=(CONV.tensors[0], DENSE.tensors[1], *CONV.tensors[2:])),
    "weights' channels": lambda: CONV.with_tensor(0, shape=(1, 4, 4, 3)),
    "bias": lambda: replace(
        CONV, tensors=(*CONV.tensors[:2], GOOD["DEPTHWISE_CONV_2D"].tensors[2], CONV.tensors[3])
    ),
    "window larger than the image": lambda: CONV.with_options(dilation_w_factor=9),
    "depth multiplier": lambda: GOOD["DEPTHWISE_CONV_2D"].with_options(depth_multiplier=3),
    "depthwise channels": lambda: GOOD["DEPTHWISE_CONV_2D"].with_tensor(0, shape=(1, 4, 4, 3)),
    "dense input": lambda: DENSE.with_tensor(0, shape=(1, 31)),
    "kept dimensions": lambda: DENSE.with_options(keep_num_dims=True),
    "broadcast": lambda: ADD.with_tensor(1, shape=(1, 1, 1, 3)),
    "axes": lambda: replace(MEAN, tensors=(MEAN.tensors[0], index(4), MEAN.tensors[2])),
    "reshape": lambda: replace(
        GOOD["RESHAPE"], tensors=(GOOD["RESHAPE"].tensors[0], index(-1, 5), GOOD["RESHAPE"].tensors[2])
    ),
    "reshape twice -1": lambda: replace(
        GOOD["RESHAPE"], tensors=(GOOD["RESHAPE"].tensors[0], index(-1, -1), GOOD["RESHAPE"].tensors[2])
    ),
    "squeeze": lambda: GOOD["SQUEEZE"].with_options(squeeze_dims=(1,)),
    "paddings": lambda: replace(
        GOOD["PAD"], tensors=(GOOD["PAD"].tensors[0], index([0, 0], [1, -1]), GOOD["PAD"].tensors[2])
    ),
    "concatenation": lambda: GOOD["CONCATENATION"].with_tensor(1, shape=(1, 4, 3, 1)),
    "concatenation's axis": lambda: GOOD["CONCATENATION"].with_options(axis=4),
}


@pytest.mark.parametrize("case", SHAPES)
def test_shapes_that_contradict(case: str) -> None:
    only(SHAPES[case](), "shape")


def test_grouped_convolution_is_good() -> None:
    model = replace(
        CONV,
        tensors=(
            activation((1, 4, 4, 4)),
            weights((6, 3, 3, 2), per_tensor(0.01)),
            constant(np.zeros(6, np.int32), per_tensor(0.001)),
            activation((1, 2, 2, 6)),
        ),
    )
    assert findings_of(model) == ()


def test_padding_same_and_stride() -> None:
    model = CONV.with_options(padding="SAME", stride_w=3, stride_h=2).with_tensor(3, shape=(1, 2, 2, 3))
    assert findings_of(model) == ()


# --- quantization --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opcode", sorted(GOOD))
def test_every_activation_has_parameters(opcode: str) -> None:
    model = GOOD[opcode]
    for place in (0, len(model.tensors) - 1):
        finding = only(model.with_tensor(place, quant=None), "missing-quantization")
        assert "no scale" in finding.message


def test_weights_have_parameters() -> None:
    only(CONV.with_tensor(1, quant=None), "missing-quantization")


def test_activations_are_per_tensor() -> None:
    only(ADD.with_tensor(0, quant=per_channel([0.1, 0.2], 3)), "per-channel-activation")


def test_weights_are_symmetric() -> None:
    quant = QuantParams(np.array([0.01], np.float32), np.array([7], np.int64))
    assert "(7)" in only(DENSE.with_tensor(1, quant=quant), "asymmetric-weights").message
    quant = QuantParams(np.array([0.001], np.float32), np.array([1], np.int64))
    only(DENSE.with_tensor(2, quant=quant), "asymmetric-weights")


def test_channel_axis() -> None:
    finding = only(CONV.with_tensor(1, quant=per_channel([0.01, 0.02, 0.03], 1)), "channel-axis")
    assert "dimension 1" in finding.message


def test_bias_scale() -> None:
    finding = only(CONV.with_tensor(2, quant=per_channel([0.001, 0.002, 0.006], 0)), "bias-scale")
    assert "in channel 2" in finding.message
    assert "100 % wrong" in finding.message
    only(DENSE.with_tensor(2, quant=per_tensor(0.0011)), "bias-scale")
    assert findings_of(DENSE.with_tensor(2, quant=per_tensor(0.0010001))) == ()


def test_bias_scales_of_another_number() -> None:
    only(CONV.with_tensor(2, quant=per_tensor(0.002)), "bias-scale")
    bias = constant(np.zeros((2, 3), np.int32), per_channel([0.001, 0.002, 0.003], 1), "bias")
    six = weights((6, 3, 3, 2), per_channel([0.01] * 6, 0))
    model = replace(CONV, tensors=(CONV.tensors[0], six, bias, activation((1, 2, 2, 6))))
    assert "has 3 scales, its weights have 6" in only(model, "bias-scale").message


def test_one_tensor_is_blamed_once() -> None:
    broken = GOOD["RELU"].with_tensor(1, quant=None)
    assert only(graph_of([broken, GOOD["MAX_POOL_2D"]]), "missing-quantization").operator == 0


def test_bias_without_scale_is_a_warning() -> None:
    only(DENSE.with_tensor(2, quant=None), "bias-scale", "warning")


@pytest.mark.parametrize("opcode", ["CONV_2D", "FULLY_CONNECTED", "ADD", "MUL", "MEAN", "RELU", "QUANTIZE"])
def test_scales_that_leave_nothing(opcode: str) -> None:
    model = GOOD[opcode]
    only(model.with_tensor(len(model.tensors) - 1, quant=per_tensor(1e-6)), "scale-ratio")


@pytest.mark.parametrize("opcode", ["CONCATENATION", "PADV2"])
def test_scales_that_must_be_shared(opcode: str) -> None:
    model = GOOD[opcode]
    only(model.with_tensor(0, quant=per_tensor(0.2, 2)), "scales-differ")
    only(model.with_tensor(0, quant=per_tensor(0.1, 3)), "scales-differ")


@pytest.mark.parametrize(
    "opcode", ["AVERAGE_POOL_2D", "MAX_POOL_2D", "RESHAPE", "SQUEEZE", "EXPAND_DIMS", "PAD"]
)
def test_scales_that_should_be_shared(opcode: str) -> None:
    model = GOOD[opcode]
    finding = only(model.with_tensor(0, quant=per_tensor(0.2, 2)), "scales-differ", "warning")
    assert "without rescaling" in finding.message


@pytest.mark.parametrize(
    ("opcode", "scale", "zero_point", "severity"),
    [
        ("SOFTMAX", 1 / 128, -128, "error"),
        ("SOFTMAX", 1 / 256, 0, "error"),
        ("LOGISTIC", 1 / 128, -128, "error"),
        ("LOGISTIC", 1 / 256, 0, "warning"),
        ("TANH", 1 / 64, 0, "warning"),
        ("TANH", 1 / 128, 3, "warning"),
    ],
)
def test_fixed_output_scales(opcode: str, scale: float, zero_point: int, severity: str) -> None:
    """An error where LiteRT refuses to prepare the operator (it is tried), a warning where it does not."""
    model = GOOD[opcode].with_tensor(1, quant=per_tensor(scale, zero_point))
    only(model, "output-scale", severity)
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    interpreter = litert.Interpreter(
        model_content=write_model(model.graph()),
        experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF,
    )
    if severity == "error":
        with pytest.raises(RuntimeError):
            interpreter.allocate_tensors()
    else:
        interpreter.allocate_tensors()


# --- the model -----------------------------------------------------------------------------------------------


def test_uint8_inputs_and_outputs_behind_quantize() -> None:
    assert findings_of(graph_of([IN_UINT8, GOOD["RELU"], OUT_UINT8])) == ()


def test_uint8_to_uint8() -> None:
    model = unsigned(unsigned(GOOD["QUANTIZE"], 0), 1)
    only(model, "output-operand-type")


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
    cast = Model("CAST", (Tensor("ids", (1, 4), DType.INT32), activation((1, 4))), {})
    assert "input-type" in rules(findings_of(cast))
    arg = Model("ARG_MAX", (activation((1, 4)), index(1), Tensor("best", (1,), DType.INT64)), {})
    assert "output-type" in rules(findings_of(arg))


def test_dynamic_shapes_name_the_tensor_and_its_maker() -> None:
    model = GOOD["RELU"].with_tensor(1, shape_signature=(1, -1, 4, 2), shape=(1, 1, 4, 2))
    finding = only(model, "dynamic-shape")
    assert "relu/1" in finding.message
    assert "made by operator 0 (RELU)" in finding.message
    model = GOOD["RELU"].with_tensor(0, shape_signature=(1, 4, -1, 2))
    found = [f for f in findings_of(model) if f.rule == "dynamic-shape"]
    assert "the model's input" in found[0].message


def test_an_open_batch_is_fixed_at_one() -> None:
    model = GOOD["RELU"]
    for place in (0, 1):
        model = model.with_tensor(place, shape_signature=(-1, 4, 4, 2))
    assert "fixed at 1" in only(model, "open-batch", "info").message
    assert rules(findings_of(model)) == []


def test_batches_of_several() -> None:
    model = GOOD["RELU"].with_tensor(0, shape=(3, 4)).with_tensor(1, shape=(3, 4))
    assert "one sample at a time" in only(model, "batch").message


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
