"""Control flow that constants decide is folded away, as LiteRT runs it; all else is refused by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from graph_samples import constant
from joined import joined, packed, schema, unpacked

from edgeq.base.errors import ModelError
from edgeq.checker import check
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, model_alone, read_file, read_model
from edgeq.interpreter import run

ADD = {"fused_activation_function": "NONE"}
SHAPE = (2, 3)


def real(name: str) -> Tensor:
    return Tensor(name, SHAPE, DType.INT8, QuantParams.per_tensor(0.25, -2))


def whole(name: str, value: int | None = None, dtype: DType = DType.INT32) -> Tensor:
    data = None if value is None else np.array(value, dtype.numpy)
    return Tensor(name, (), dtype, data=data)


def weights(seed: int, shape: tuple[int, ...] = SHAPE) -> Tensor:
    values = np.random.default_rng(seed).integers(-60, 60, shape).astype(np.int8)
    return constant(f"w{seed}", values, DType.INT8, QuantParams.per_tensor(0.25, -2))


def adding(seed: int) -> Graph:
    """y = x + w"""
    tensors = (real("x"), weights(seed), real("y"))
    return Graph("adding", tensors, (Operator("ADD", (0, 1), (2,), ADD),), (0,), (2,))


def passing() -> Graph:
    return Graph("passing", (real("x"),), (), (0,), (0,))


def choosing(truth: bool) -> Graph:
    """x + x, then one of two subgraphs by a constant, then its output and itself."""
    tensors = (real("x"), real("sum"), whole("truth", int(truth), DType.BOOL), real("chosen"), real("y"))
    operators = (
        Operator("ADD", (0, 0), (1,), ADD),
        Operator("IF", (2, 1), (3,), {"then_subgraph_index": 1, "else_subgraph_index": 2}),
        Operator("ADD", (3, 0), (4,), ADD),
    )
    return Graph("choosing", tensors, operators, (0,), (4, 3))


def looping(first: int, *, given: bool = False) -> Graph:
    """A loop over a counter and x, from ``first``; its counter is an input where it is given."""
    counter = whole("first", None if given else first)
    tensors = (counter, real("x"), whole("last"), real("y"))
    operators = (Operator("WHILE", (0, 1), (2, 3), {"cond_subgraph_index": 1, "body_subgraph_index": 2}),)
    return Graph("looping", tensors, operators, (0, 1) if given else (1,), (3,))


def below(limit: int) -> Graph:
    """counter < limit, and true"""
    tensors = (whole("i"), real("x"), whole("limit", limit), whole("less", dtype=DType.BOOL),
               whole("true", 1, DType.BOOL), whole("both", dtype=DType.BOOL))  # fmt: skip
    operators = (Operator("LESS", (0, 2), (3,)), Operator("LOGICAL_AND", (3, 4), (5,)))
    return Graph("below", tensors, operators, (0, 1), (5,))


def stepping(rows: int, step: int = 1) -> Graph:
    """The counter goes on, and x is added to a row of a table; x at odd rounds by another subgraph."""
    table = weights(9, (rows, *SHAPE))
    tensors = (whole("i"), real("x"), whole("step", step), whole("next"), table, real("row"), real("y"),
               whole("one", 1), whole("is_one", dtype=DType.BOOL), real("chosen"))  # fmt: skip
    operators = (
        Operator("ADD", (0, 2), (3,), ADD),
        Operator("GATHER", (4, 0), (5,), {"axis": 0}, 2),
        Operator("ADD", (1, 5), (6,), ADD),
        Operator("EQUAL", (0, 7), (8,)),
        Operator("IF", (8, 6), (9,), {"then_subgraph_index": 3, "else_subgraph_index": 4}),
    )
    return Graph("stepping", tensors, operators, (0, 1), (3, 9))


def spinning() -> Graph:
    """The counter stays, and so does x."""
    tensors = (whole("i"), real("x"), whole("step", 0), whole("next"))
    return Graph("spinning", tensors, (Operator("ADD", (0, 2), (3,), ADD),), (0, 1), (3, 1))


def deciding() -> Graph:
    """Which of two subgraphs is told by a chain of operators on constants."""
    tensors = (real("x"), whole("a", 1), whole("b", 2), whole("sum"), whole("less", dtype=DType.BOOL),
               real("y"))  # fmt: skip
    operators = (
        Operator("ADD", (1, 2), (3,), ADD),
        Operator("LESS", (1, 3), (4,)),
        Operator("IF", (4, 0), (5,), {"then_subgraph_index": 1, "else_subgraph_index": 2}),
    )
    return Graph("deciding", tensors, operators, (0,), (5,))


def fan(count: int, then: int) -> Graph:
    """One subgraph, run ``count`` times over."""
    made = [real(f"y{i}") for i in range(count)]
    branches = {"then_subgraph_index": then, "else_subgraph_index": then}
    operators = [Operator("IF", (1, 0), (2 + i,), branches) for i in range(count)]
    return Graph("fan", (real("x"), whole("true", 1, DType.BOOL), *made), tuple(operators), (0,), (2,))


def samples() -> list[np.ndarray]:
    return [np.random.default_rng(1).integers(-128, 128, (5, *SHAPE)).astype(np.int8)]


FILES = {
    "then": joined([choosing(True), adding(1), adding(2)]),
    "else": joined([choosing(False), adding(1), adding(2)]),
    "passing": joined([choosing(True), passing(), adding(2)]),
    "loop": joined([looping(0), below(3), stepping(3), adding(3), passing()]),
    "a chain that decides": joined([deciding(), adding(1), adding(2)]),
    "a loop that ends at once": joined([looping(7), below(3), stepping(3), adding(3), passing()]),
}


@pytest.mark.parametrize("case", FILES)
def test_what_is_folded_gives_what_litert_gives(case: str) -> None:
    data = FILES[case]
    read = read_file(data)
    graph = read.graph
    assert not {"IF", "WHILE", "LESS", "EQUAL"} & {op.opcode for op in graph.operators}
    assert all(graph[op.outputs[0]].dtype is DType.INT8 for op in graph.operators)
    (told,) = read.folded
    assert "folded" in told and ("3 rounds" in told) == (case == "loop")
    alone, again = model_alone(data)
    assert [t.name for t in again.tensors] == [t.name for t in graph.tensors]
    for expected, found in zip(run(data, samples()), run(alone, samples()), strict=True):
        np.testing.assert_array_equal(expected, found)
    checked = check(data, name="flow")
    assert checked.model == alone and "control-flow" in {f.rule for f in checked.findings}


def test_a_composite_is_what_it_is_made_of() -> None:
    main = Graph("main", (real("x"), real("y")), (Operator("ABS", (0,), (1,)),), (0,), (1,))
    model = unpacked(joined([main, adding(4)]))
    operator = model.subgraphs[0].operators[0]
    model.operatorCodes[0].builtinCode = schema.BuiltinOperator.STABLEHLO_COMPOSITE
    model.operatorCodes[0].deprecatedBuiltinCode = 127
    operator.builtinOptions, operator.builtinOptionsType = None, 0
    options = schema.StableHLOCompositeOptionsT()
    options.name, options.decompositionSubgraphIndex = "its.own", 1
    options.compositeAttributes = [0, 1, 0, 0, 1, 36, 1]  # an empty map of the flexbuffer format
    operator.builtinOptions2, operator.builtinOptions2Type = options, 21
    data = packed(model)
    assert [op.opcode for op in read_model(data).operators] == ["ADD"]
    np.testing.assert_array_equal(run(data, samples())[0], run(model_alone(data)[0], samples())[0])


def changed(graph: Graph, **options: int) -> Graph:
    op = replace(graph.operators[0], options={**graph.operators[0].options, **options})
    return graph.replace(operators=(op, *graph.operators[1:]))


def called() -> Graph:
    operators = (Operator("CALL", (0,), (1,), {"subgraph": 1}),)
    return Graph("called", (real("x"), real("y")), operators, (0,), (1,))


REFUSED = {
    r"operator 0 \(WHILE\) is decided by what the model computes": [
        looping(0, given=True), below(3), stepping(3), adding(3), passing(),
    ],
    "goes round more than": [looping(0), below(3), spinning()],
    "more than 4,096 operators": [looping(0), below(3000), stepping(3000), adding(3), passing()],
    "runs subgraph 9": [changed(looping(0), body_subgraph_index=9), below(3), stepping(3)],
    "runs subgraph -1": [changed(looping(0), cond_subgraph_index=-1), below(3), stepping(3)],
    "gives 2 values to a subgraph of 1": [
        changed(looping(0), body_subgraph_index=3), below(3), stepping(3), passing(),
    ],
    "the condition of .* 2 outputs": [changed(looping(0), cond_subgraph_index=2), below(3), stepping(3)],
    "subgraphs deep": [choosing(True), choosing(True).replace(outputs=(4,)), passing()],
    "runs more than 65,536 operators": [*(fan(9, number + 1) for number in range(12)), passing()],
    r"operator 2 \(IF\) is decided by what the model computes": [
        deciding().replace(operators=(Operator("SHAPE", (), (3,)), *deciding().operators[1:])),
        adding(1), adding(2),
    ],
    r"operator 0 \(CALL\) runs subgraphs in a way": [called(), adding(1)],
}  # fmt: skip


@pytest.mark.parametrize("told", REFUSED)
def test_what_is_not_decided_is_refused_by_name(told: str) -> None:
    with pytest.raises(ModelError, match=told) as refused:
        read_model(joined(REFUSED[told]), "flow.tflite")
    assert refused.value.hint and "flow.tflite" in refused.value.message


def test_damaged_files_are_graphs_or_errors() -> None:
    data = FILES["loop"]
    random = np.random.default_rng(5)
    survived = 0
    for _ in range(400):
        copy = bytearray(data)
        for _ in range(int(random.integers(1, 5))):
            copy[int(random.integers(len(copy)))] = int(random.choice((0, 1, 2, 0x7F, 0x80, 0xFF)))
        try:
            survived += bool(read_model(bytes(copy)).operators)
        except ModelError as error:
            assert error.message
    assert 0 < survived < 400
