"""What is written reads back the same, here, in LiteRT, and by LiteRT's own form of the schema."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graph_samples import channels, constant, equal, small_model, tensor

from edgeq.base.errors import ModelError
from edgeq.graph import ABSENT, DType, Graph, Operator, OptionValue, Tensor, read_model, write_model
from edgeq.graph.flow import FLOW
from edgeq.graph.model import ONCE
from edgeq.graph.options import OPTIONS, OptionField
from edgeq.graph.schema import BUILTIN_CODES, BUILTIN_OPERATORS, TENSOR_TYPES

litert_schema = pytest.importorskip("ai_edge_litert.schema_py_generated")


def reopened(graph: Graph) -> Any:
    """The written file as LiteRT's generated code reads it."""
    return litert_schema.ModelT.InitFromObj(litert_schema.Model.GetRootAs(write_model(graph), 0))


def one(operator: Operator, *tensors: Tensor) -> Graph:
    return Graph(
        "one", tensors or (tensor("a", (1, 4)), tensor("b", (1, 4))), (operator,), (0,), operator.outputs
    )


def models(shared: Path, folder: str) -> list[Path]:
    return sorted((shared / "models" / folder).glob("*.tflite"))


def test_roundtrip() -> None:
    graph = small_model()
    data = write_model(graph)
    again = read_model(data, "small")
    for index, op in enumerate(graph.operators):
        filled = {**OPTIONS[op.opcode].defaults(), **op.options}
        assert again.operators[index] == replace(op, options=filled)
    assert equal(again, replace(graph, operators=again.operators))
    assert write_model(again) == data


def test_the_schema_is_litert_s() -> None:
    assert {v: k for k, v in vars(litert_schema.BuiltinOperator).items() if isinstance(v, int)} == dict(
        BUILTIN_OPERATORS
    )
    assert {v: k for k, v in vars(litert_schema.TensorType).items() if isinstance(v, int)} == dict(
        TENSOR_TYPES
    )


def camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda m: m[1].upper(), name)


def other_than_default(field: OptionField) -> OptionValue:
    if field.kind == "enum":
        return next(name for name in field.names.values() if name != field.default)
    return {
        "bool": not field.default,
        "float32": 0.625,
        "string": "words",
        "vector": (3, 1, 2),
    }.get(field.kind, 5)


STANDING_ALONE = OPTIONS.keys() - {ONCE, *FLOW}
"""An operator that names a subgraph is none without it: test_variables.py and test_flow.py have them."""


@pytest.mark.parametrize("opcode", sorted(STANDING_ALONE))
def test_every_option_as_litert_reads_it(opcode: str) -> None:
    options_type = OPTIONS[opcode]
    values = {field.name: other_than_default(field) for field in options_type.fields}
    graph = one(Operator(opcode, (0,), (1,), values, 2, "name" if opcode == "CUSTOM" else ""))
    read = reopened(graph)
    assert read.operatorCodes[0].builtinCode == BUILTIN_CODES[opcode]
    assert read.operatorCodes[0].version == 2
    operator = read.subgraphs[0].operators[0]
    assert operator.builtinOptionsType == options_type.code
    if options_type.code:
        assert type(operator.builtinOptions).__name__[:-1] in vars(litert_schema.BuiltinOptions)
        written = vars(operator.builtinOptions)
        assert len(written) >= len(values)
        for field in options_type.fields:
            held = written[camel(field.name)]
            expected: Any = values[field.name]
            if field.kind == "enum":
                expected = {name: number for number, name in field.names.items()}[str(expected)]
            elif field.kind == "string":
                held = held.decode()
            elif field.kind == "vector":
                held = tuple(int(v) for v in held)
            assert held == expected, field.name
    assert read_model(write_model(graph)).operators[0].options == values


@pytest.mark.parametrize("opcode", sorted(name for name in STANDING_ALONE if OPTIONS[name].fields))
def test_every_default_is_litert_s(opcode: str) -> None:
    written = vars(reopened(one(Operator(opcode, (0,), (1,)))).subgraphs[0].operators[0].builtinOptions)
    read = read_model(write_model(one(Operator(opcode, (0,), (1,))))).operators[0].options
    for field in OPTIONS[opcode].fields:
        assert read[field.name] == field.default
        if field.kind not in ("string", "vector"):
            assert written[camel(field.name)] == field.stored_default, field.name


def test_written_tables_as_litert_reads_them() -> None:
    graph = small_model()
    read = reopened(graph)
    assert (read.version, read.description.decode(), len(read.subgraphs)) == (3, "a small model", 1)
    main = read.subgraphs[0]
    assert [t.name.decode() for t in main.tensors] == [t.name for t in graph.tensors]
    assert [tuple(t.shape) for t in main.tensors] == [t.shape for t in graph.tensors]
    assert list(main.tensors[0].shapeSignature) == [-1, 6, 6, 2]
    assert main.tensors[1].quantization.quantizedDimension == 0
    assert np.allclose(main.tensors[1].quantization.scale, [0.01, 0.02, 0.03, 0.04])
    assert list(main.inputs) == [0]
    assert list(main.outputs) == [9]
    assert list(main.operators[3].inputs) == [6, 7, -1]
    assert read.buffers[0].data is None


def test_intermediates_and_custom_options_survive() -> None:
    tensors = (
        tensor("a", (1, 4)),
        tensor("b", (1, 4)),
        Tensor("i", (0,), DType.FLOAT32, tensor("", (1,)).quant),
    )
    op = Operator("CUSTOM", (0,), (1,), custom_code="mine", custom_options=b"\1\2\3", intermediates=(2,))
    read = read_model(write_model(one(op, *tensors))).operators[0]
    assert (read.custom_code, read.custom_options, read.intermediates) == ("mine", b"\1\2\3", (2,))


def test_equal_constants_are_stored_once_and_aligned() -> None:
    values = np.arange(1000, dtype=np.int32)
    marker = values.tobytes()
    tensors = (
        tensor("a", (1, 4)),
        tensor("b", (1, 4)),
        constant("c", values, DType.INT32),
        constant("d", values.copy(), DType.INT32),
        constant("e", np.arange(1, 4, dtype=np.int8), DType.INT8),
    )
    data = write_model(one(Operator("RELU", (0,), (1,)), *tensors))
    assert data.count(marker) == 1
    assert data.index(marker) % 16 == 0
    assert data.index(bytes([3, 0, 0, 0, 1, 2, 3])) % 16 == 12
    read = read_model(data)
    assert read[2].data is not None
    assert np.shares_memory(read[2].data, read[3].data)


def test_strided_and_big_endian_constants() -> None:
    for values in (
        np.arange(24, dtype=np.int32).reshape(4, 6)[:, ::2],
        np.arange(12, dtype=">i4").reshape(4, 3),
    ):
        tensors = (tensor("a", (1, 4)), tensor("b", (1, 4)), constant("c", values, DType.INT32))
        read = read_model(write_model(one(Operator("RELU", (0,), (1,)), *tensors)))
        assert np.array_equal(np.asarray(read[2].data), values)


def test_the_same_in_another_process() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import hashlib; from graph_samples import small_model; "
        "from edgeq.graph import write_model; print(hashlib.sha256(write_model(small_model())).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


REFUSED = {
    "no such option": Operator("RELU6", (0,), (1,), {"beta": 1.0}),
    "unknown option": Operator("SOFTMAX", (0,), (1,), {"alpha": 1.0}),
    "enumeration": Operator("ADD", (0,), (1,), {"fused_activation_function": "SWISH"}),
    "not finite": Operator("SOFTMAX", (0,), (1,), {"beta": float("nan")}),
    "too large": Operator("SPLIT", (0,), (1,), {"num_splits": 1 << 40}),
    "a word for a number": Operator("SPLIT", (0,), (1,), {"num_splits": "3"}),
    "a number for a vector": Operator("SQUEEZE", (0,), (1,), {"squeeze_dims": 3}),
    "no such tensor": Operator("RELU", (7,), (1,)),
    "no such operator": Operator("RELU7", (0,), (1,)),
    "options nobody reads": Operator(
        "STABLEHLO_SCATTER", (0,), (1,), unread_options="options of the second union"
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_to_write_what_would_not_read_back(case: str) -> None:
    with pytest.raises(ModelError):
        write_model(one(REFUSED[case]))


def test_refuses_constants_of_another_shape_or_type() -> None:
    for wrong in (
        Tensor("c", (3,), DType.INT8, None, np.zeros(4, np.int8)),
        Tensor("c", (4,), DType.INT8, None, np.zeros(4, np.uint8)),
        Tensor("c", (4,), DType.INT4, None, np.full(4, 9, np.int8)),
    ):
        with pytest.raises(ModelError, match="tensor 2"):
            write_model(one(Operator("RELU", (0,), (1,)), tensor("a", (1, 4)), tensor("b", (1, 4)), wrong))


def test_a_list_of_tensors_is_told_with_what_makes_it() -> None:
    lists = replace(tensor("handle", ()), dtype=DType.VARIANT, quant=None)
    with pytest.raises(ModelError, match="is a list of tensors") as told:
        write_model(one(Operator("CUSTOM", (0,), (1,)), tensor("a", (1, 4)), lists))
    assert "handle" in told.value.message and "unroll=True" in told.value.hint


def test_zeros_of_the_scale_zero_are_read_and_others_are_not() -> None:
    weights = np.ones((3, 4), np.int8)
    weights[1] = 0
    for scales, fits in (([0.1, 0.0, 0.2], True), ([0.0, 0.1, 0.2], False)):
        w = constant("w", weights, DType.INT8, channels(scales, 0))
        dense = Operator("FULLY_CONNECTED", (0, 1, ABSENT), (2,))
        model = write_model(one(dense, tensor("x", (1, 4)), w, tensor("y", (1, 3))))
        if fits:
            read = read_model(model)[1].quant
            assert read is not None and 0 < read.scales[1] < 1e-40
        else:
            with pytest.raises(ModelError, match="not a positive number"):
                read_model(model)


def test_roundtrip_of_real_models(shared: Path) -> None:
    for path in models(shared, "mlperf_tiny") + models(shared, "edgetpu"):
        graph = read_model(path.read_bytes(), path.stem)
        data = write_model(graph)
        assert equal(read_model(data, path.stem), graph), path.name
        assert write_model(read_model(data)) == data, path.name


def outputs(model: bytes, seed: int) -> list[Any]:
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    interpreter = litert.Interpreter(
        model_content=model, experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    rng = np.random.default_rng(seed)
    results = []
    for _ in range(3):
        for detail in interpreter.get_input_details():
            if detail["dtype"] == np.float32:
                values = rng.normal(size=detail["shape"]).astype(np.float32)
            else:
                values = rng.integers(0, 256, detail["shape"]).astype(np.uint8).view(detail["dtype"])
            interpreter.set_tensor(detail["index"], values)
        interpreter.invoke()
        results += [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]
    return results


def assert_runs_the_same(model: bytes) -> None:
    before, after = outputs(model, 1), outputs(write_model(read_model(model)), 1)
    assert len(before) == len(after) > 0
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(before, after, strict=True))


def test_litert_runs_what_was_written(shared: Path) -> None:
    for path in models(shared, "mlperf_tiny"):
        assert_runs_the_same(path.read_bytes())


def test_litert_runs_the_small_model() -> None:
    assert outputs(write_model(small_model()), 0)[0].shape == (1, 5)


@pytest.mark.slow
def test_litert_runs_the_larger_models(shared: Path) -> None:
    for path in models(shared, "edgetpu"):
        if not path.stem.endswith(("_edgetpu", "_decoder")):
            assert_runs_the_same(path.read_bytes())
