"""What the reader takes, and what it refuses, by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graph_samples import Raw, encode, equal, ints, raw_model, small_model

from edgeq.base.errors import ModelError
from edgeq.checker import check
from edgeq.graph import DType, load_model, read_file, read_model, write_model
from edgeq.graph import schema as s

T, Q, B, M, G, C = s.TENSOR, s.QUANTIZATION, s.BUFFER, s.MODEL, s.SUBGRAPH, s.OPERATOR_CODE
OP = s.OPERATOR


def test_reads_the_plain_model() -> None:
    graph = read_model(encode(raw_model()), "plain")
    assert (graph.name, graph.description, graph.inputs, graph.outputs) == ("plain", "raw", (0,), (2,))
    op = graph.operators[0]
    assert (op.opcode, op.version, op.inputs, op.outputs) == ("ADD", 1, (0, 1), (2,))
    assert op.options == {"fused_activation_function": "RELU", "pot_scale_int16": True}
    assert graph[1].data is not None
    assert graph[1].data.tolist() == [[1, 2, 3, 4]]
    assert not graph[1].data.flags.writeable
    assert graph[0].quant is not None
    assert (graph[0].quant.scale, graph[0].quant.zero_point) == (0.5, 3)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "version": ({"model": {M["version"]: ("uint32", 2)}}, "schema version 2"),
    "no subgraph": ({"model": {M["subgraphs"]: None}}, "no subgraph"),
    "negative dimension": ({"tensors": {0: {T["shape"]: ints(1, -4)}}}, "negative dimension"),
    "overflowing shape": ({"tensors": {0: {T["shape"]: ints(1 << 30, 1 << 30, 4)}}}, "more elements"),
    "zero hides a huge dimension": (
        {"tensors": {0: {T["shape"]: ints(0, 1 << 30, 1 << 30)}}},
        "more elements",
    ),
    "rank": ({"tensors": {0: {T["shape"]: np.ones(9, np.int32)}}}, "9 dimensions"),
    "element type": ({"tensors": {0: {T["type"]: ("int8", 77)}}}, "element type 77"),
    "signature": ({"tensors": {0: {T["shape_signature"]: ints(-1, 5)}}}, "shape signature"),
    "signature's rank": ({"tensors": {0: {T["shape_signature"]: ints(-1)}}}, "shape signature"),
    "buffer index": ({"tensors": {1: {T["buffer"]: ("uint32", 2)}}}, "buffer 2 of 2"),
    "buffer length": ({"buffer": {B["data"]: np.zeros(5, np.uint8)}}, "takes 4 bytes; its buffer has 5"),
    "buffer of a resource": ({"tensors": {1: {T["type"]: ("int8", 13)}}}, "RESOURCE has constant values"),
    "buffer outside": (
        {"buffer": {B["data"]: None, B["offset"]: ("uint64", 1 << 60), B["size"]: ("uint64", 4)}},
        "lies outside the file",
    ),
    "sparsity": ({"tensors": {1: {T["sparsity"]: Raw({})}}}, r"tensor 1 \(constant\).* is stored sparse"),
    "external buffer": ({"tensors": {1: {T["external_buffer"]: ("uint32", 1)}}}, "in another file"),
    "variable constant": (
        {"tensors": {1: {T["is_variable"]: ("bool", True)}}},
        "is a variable and has constant",
    ),
    "scale zero": ({"quantization": {Q["scale"]: np.zeros(1, np.float32)}}, "not a positive number"),
    "scale negative": ({"quantization": {Q["scale"]: -np.ones(1, np.float32)}}, "not a positive number"),
    "scale infinite": (
        {"quantization": {Q["scale"]: np.array([np.inf], np.float32)}},
        "not a positive number",
    ),
    "scale NaN": ({"quantization": {Q["scale"]: np.array([np.nan], np.float32)}}, "not a positive number"),
    "scales against shape": (
        {"quantization": {Q["scale"]: np.ones(3, np.float32)}},
        "3 scales along dimension 0",
    ),
    "channel axis": (
        {"quantization": {Q["scale"]: np.ones(4, np.float32), Q["quantized_dimension"]: ("int32", 2)}},
        "4 scales along dimension 2",
    ),
    "zero points": (
        {"quantization": {Q["zero_point"]: ints(1, 2, dtype="int64")}},
        "1 scales but 2 zero points",
    ),
    "zero point's range": ({"quantization": {Q["zero_point"]: ints(200, dtype="int64")}}, "range of INT8"),
    "blockwise": (
        {"quantization": {Q["details_type"]: ("uint8", 2), Q["details"]: Raw({})}},
        "BlockwiseQuantization",
    ),
    "operator code index": ({"operator": {OP["opcode_index"]: ("uint32", 1)}}, "code 1 of 1"),
    "operator code": ({"code": {C["builtin_code"]: ("int32", 9999)}}, "builtin operator number 9999"),
    "operator version": ({"code": {C["version"]: ("int32", 0)}}, "version 0"),
    "operator input": (
        {"operator": {OP["inputs"]: ints(0, 3)}},
        r"inputs of operator 0 \(ADD\) name tensor 3 "
        "of 3",
    ),
    "operator input below": ({"operator": {OP["inputs"]: ints(0, -2)}}, "name tensor -2"),
    "operator output": ({"operator": {OP["outputs"]: ints(-1)}}, "name tensor -1"),
    "model input": ({"subgraph": {G["inputs"]: ints(5)}}, "model's inputs name tensor 5"),
    "model output": ({"subgraph": {G["outputs"]: ints(5)}}, "model's outputs name tensor 5"),
    "input twice": ({"subgraph": {G["inputs"]: ints(0, 0)}}, "listed twice"),
    "constant input": ({"subgraph": {G["inputs"]: ints(0, 1)}}, "a model input and a constant"),
    "writes a constant": ({"operator": {OP["outputs"]: ints(1)}}, "a constant"),
    "writes an input": ({"operator": {OP["outputs"]: ints(0)}}, "is also a model input"),
    "cycle": ({"operator": {OP["inputs"]: ints(0, 2)}}, "before anything has written it"),
    "output nobody makes": ({"operator": {OP["outputs"]: ints()}}, "written by no operator"),
    "options of another kind": (
        {"operator": {OP["builtin_options_type"]: ("uint8", 1)}},
        "Conv2DOptions, not Add",
    ),
    "enumeration": (
        {"operator": {OP["builtin_options"]: Raw({0: ("int8", 9)})}},
        "fused_activation_function of",
    ),
    "large custom options": (
        {"operator": {OP["large_custom_options_offset"]: ("uint64", 64)}},
        "outside the flatbuffer",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_what_contradicts_itself(case: str) -> None:
    changes, expected = REFUSED[case]
    with pytest.raises(ModelError, match=expected) as refused:
        read_model(encode(raw_model(**changes)), "broken.tflite")
    assert refused.value.hint


def test_two_producers_are_refused() -> None:
    add = raw_model().fields[M["subgraphs"]][0].fields[G["operators"]][0]
    with pytest.raises(
        ModelError, match=r"written by operator 1 \(ADD\) and is also an output of operator 0"
    ):
        read_model(encode(raw_model(subgraph={G["operators"]: [add, add]})))


def test_operators_out_of_order_are_refused() -> None:
    tables = [*raw_model().fields[M["subgraphs"]][0].fields[G["tensors"]]]
    later = raw_model(operator={OP["inputs"]: ints(0, 3), OP["outputs"]: ints(2)})
    first = raw_model(operator={OP["outputs"]: ints(3)})
    operators = [raw.fields[M["subgraphs"]][0].fields[G["operators"]][0] for raw in (later, first)]
    changes = {G["tensors"]: [*tables, tables[2]], G["operators"]: operators}
    with pytest.raises(ModelError, match="reads tensor 3"):
        read_model(encode(raw_model(subgraph=changes)))
    changes[G["operators"]] = operators[::-1]
    assert len(read_model(encode(raw_model(subgraph=changes))).operators) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_subgraphs_that_nothing_runs_are_left_out(count: int) -> None:
    main = raw_model().fields[M["subgraphs"]][0]
    codes = [Raw({C["builtin_code"]: ("int32", s.BUILTIN_CODES[name])}) for name in ("ADD", "WHILE")]
    loop = Raw({G["tensors"]: [], G["operators"]: [Raw({s.OPERATOR["opcode_index"]: ("uint32", 1)})]})
    changes = {M["subgraphs"]: [main, *[loop] * count], M["operator_codes"]: codes}
    data = encode(raw_model(model=changes))
    assert (
        equal(read_model(data), read_model(encode(raw_model()))) and read_file(data).unused_subgraphs == count
    )
    checked = check(data, name="m")
    assert [finding.rule for finding in checked.findings] == ["unused-subgraphs"]
    assert read_file(checked.model).unused_subgraphs == 0
    signatures = [Raw({s.SIGNATURE["subgraph_index"]: ("uint32", 1)})]
    with pytest.raises(ModelError, match="several models in one file, by 1 signature, and none is chosen"):
        read_model(encode(raw_model(model={**changes, M["signature_defs"]: signatures})))


def test_identifier_and_length_are_checked() -> None:
    for data in (b"", b"TFL", b"\x1c\0\0\0TFL3"[:7], b"PK\x03\x04" * 10, encode(raw_model(), b"TFL2")):
        with pytest.raises(ModelError, match=r"is not a \.tflite file"):
            read_model(data, "x")


def test_the_old_code_and_the_new_one_both_count() -> None:
    old = {C["builtin_code"]: None, C["deprecated_builtin_code"]: ("int8", 18)}
    without = {OP["builtin_options_type"]: None, OP["builtin_options"]: None}
    assert read_model(encode(raw_model(code=old, operator=without))).operators[0].opcode == "MUL"
    new = {C["deprecated_builtin_code"]: ("int8", 127), C["builtin_code"]: ("int32", 150)}
    assert read_model(encode(raw_model(code=new, operator=without))).operators[0].opcode == "GELU"


def test_options_left_out_are_their_defaults() -> None:
    for changes in (
        {OP["builtin_options"]: None},
        {OP["builtin_options_type"]: None, OP["builtin_options"]: None},
    ):
        op = read_model(encode(raw_model(operator=changes))).operators[0]
        assert op.options == {"fused_activation_function": "NONE", "pot_scale_int16": True}


def test_unknown_options_are_read_around() -> None:
    changes = {OP["builtin_options_type"]: ("uint8", 115), OP["builtin_options"]: Raw({})}
    code = {
        C["deprecated_builtin_code"]: ("int8", 127),
        C["builtin_code"]: ("int32", s.BUILTIN_CODES["BUCKETIZE"]),
    }
    graph = read_model(encode(raw_model(code=code, operator=changes)))
    assert graph.operators[0].unread_options
    with pytest.raises(ModelError, match=r"operator 0 \(BUCKETIZE\).*options that edgeq does not know"):
        write_model(graph)


def test_quantization_left_empty_is_none() -> None:
    assert read_model(encode(raw_model(quantization={Q["scale"]: None})))[0].quant is None
    assert read_model(encode(raw_model(quantization={Q["scale"]: np.empty(0, np.float32)})))[0].quant is None


def test_zero_points_left_empty_are_zero() -> None:
    quant = read_model(encode(raw_model(quantization={Q["zero_point"]: None})))[0].quant
    assert quant is not None
    assert quant.zero_points.tolist() == [0]


def test_one_zero_point_serves_all_channels() -> None:
    changes = {Q["scale"]: np.ones(4, np.float32), Q["quantized_dimension"]: ("int32", 1)}
    quant = read_model(encode(raw_model(quantization=changes)))[0].quant
    assert quant is not None
    assert quant.zero_points.tolist() == [3, 3, 3, 3]
    assert quant.axis == 1


def test_a_bias_may_carry_the_axis_of_its_weights() -> None:
    q = Raw({Q["scale"]: np.ones(4, np.float32), Q["quantized_dimension"]: ("int32", 3)})
    bias = {T["shape"]: ints(4), T["quantization"]: q}
    quant = read_model(encode(raw_model(tensors={1: bias})))[1].quant
    assert quant is not None
    assert quant.axis == 0
    assert quant.is_per_channel


def test_dynamic_dimensions() -> None:
    tensor = read_model(encode(raw_model(tensors={0: {T["shape_signature"]: ints(-1, 4)}})))[0]
    assert tensor.is_dynamic
    assert (tensor.shape, tensor.shape_signature) == ((1, 4), (-1, 4))


@pytest.mark.parametrize(
    ("code", "raw", "expected"),
    [
        (17, [0x21, 0xF8], [1, 2, -8, -1]),  # INT4
        (19, [0b11_10_01_00], [0, 1, -2, -1]),  # INT2
        (20, [0x21, 0xF8], [1, 2, 8, 15]),  # UINT4
    ],
)
def test_packed_constants(code: int, raw: list[int], expected: list[int]) -> None:
    changes = {1: {T["type"]: ("int8", code), T["quantization"]: None}}
    graph = read_model(encode(raw_model(tensors=changes, buffer={B["data"]: np.array(raw, np.uint8)})))
    assert graph[1].data is not None
    assert graph[1].data.tolist() == [expected]
    again = read_model(write_model(graph))
    assert again[1].data is not None
    assert again[1].data.tolist() == [expected]
    assert again[1].dtype is graph[1].dtype


def test_buffers_behind_the_flatbuffer() -> None:
    def model(offset: int) -> bytes:
        return encode(
            raw_model(buffer={B["data"]: None, B["offset"]: ("uint64", offset), B["size"]: ("uint64", 4)})
        )

    length = len(model(2))
    graph = read_model(model(length) + bytes([9, 8, 7, 6]))
    assert graph[1].data is not None
    assert graph[1].data.tolist() == [[9, 8, 7, 6]]


def test_names_that_are_not_utf8_are_escaped() -> None:
    data = encode(raw_model()).replace(b"constant", b"const\xff\xfet")
    assert read_model(data)[1].name == r"const\xff\xfet"


def test_control_characters_in_names_are_escaped() -> None:
    data = encode(raw_model()).replace(b"constant", b"a\nb\x1b[1m\x00")
    assert read_model(data)[1].name == r"a\nb\x1b[1m\x00"


def test_long_names_are_cut_in_messages_only() -> None:
    name = "layer;" * 100
    with pytest.raises(ModelError) as refused:
        read_model(encode(raw_model(tensors={0: {T["name"]: name, T["shape"]: ints(-1)}})))
    assert len(refused.value.message) < 300
    assert read_model(encode(raw_model(tensors={0: {T["name"]: name}})))[0].name == name


def test_an_empty_constant_is_a_constant() -> None:
    changes = {1: {T["shape"]: ints(0), T["buffer"]: ("uint32", 0)}}
    tensor = read_model(encode(raw_model(tensors=changes)))[1]
    assert tensor.is_constant
    assert tensor.data is not None
    assert tensor.data.shape == (0,)


def test_string_constants_are_bytes() -> None:
    graph = read_model(encode(raw_model(tensors={1: {T["type"]: ("int8", 5), T["quantization"]: None}})))
    assert graph[1].dtype is DType.STRING
    assert graph[1].data is not None
    assert graph[1].data.tolist() == [1, 2, 3, 4]


def test_load_model(tmp_path: Path) -> None:
    path = tmp_path / "kept.tflite"
    path.write_bytes(write_model(small_model()))
    data, graph = load_model(path)
    assert data == path.read_bytes()
    assert graph.name == "kept"


def test_load_model_names_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        load_model(tmp_path / "absent.tflite")
    with pytest.raises(ModelError, match="is a folder"):
        load_model(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelError, match="is not a file"):
        load_model(tmp_path / "pipe")
    huge = tmp_path / "huge.tflite"
    with huge.open("wb") as file:
        file.truncate((1 << 30) + 1)
    with pytest.raises(ModelError, match="more than edgeq reads"):
        load_model(huge)
