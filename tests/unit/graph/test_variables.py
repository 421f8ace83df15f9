"""Resource variables: read with their initial values, written so that interpreters set them, hostile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from graph_samples import Raw, encode, equal, ints, raw_model

from edgeq.base.errors import ModelError
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, read_model, write_model
from edgeq.graph import schema as s
from edgeq.graph.variables import keeps_state, setup_of

QUANT = QuantParams.per_tensor(0.5, 3)
ONCE = Operator("CALL_ONCE", (), (), {"init_subgraph_index": 1})


def handle(output: int, name: str = "sum", container: str = "") -> Operator:
    return Operator("VAR_HANDLE", (), (output,), {"container": container, "shared_name": name})


def running_sum(*initial: int) -> Graph:
    """y = state + x, which becomes the state."""
    tensors = (
        Tensor("x", (1, 2), DType.INT8, QUANT),
        Tensor("handle", (), DType.RESOURCE),
        Tensor("before", (1, 2), DType.INT8, QUANT),
        Tensor("y", (1, 2), DType.INT8, QUANT),
    )
    operators = (
        ONCE,
        handle(1),
        Operator("READ_VARIABLE", (1,), (2,)),
        Operator("ADD", (2, 0), (3,), {"fused_activation_function": "NONE", "pot_scale_int16": True}),
        Operator("ASSIGN_VARIABLE", (1, 3), ()),
    )
    value = Tensor("zero", (1, 2), DType.INT8, QUANT, np.array([initial], np.int8))
    return Graph("m", tensors, operators, (0,), (3,), initials={("", "sum"): value})


def test_they_come_back_as_they_were_written() -> None:
    graph = running_sum(7, -5)
    data = write_model(graph)
    found = read_model(data)
    assert equal(found, graph) and keeps_state(found)
    assert {k: v.data.tolist() for k, v in found.initials.items() if v.data is not None} == {
        ("", "sum"): [[7, -5]]
    }
    assert write_model(found) == data


def test_a_model_without_any_has_one_subgraph_and_keeps_nothing() -> None:
    base = running_sum(7, -5)
    graph = base.replace(operators=(replace(base.operators[3], inputs=(0, 0)),), outputs=(3,), initials={})
    assert not keeps_state(read_model(write_model(graph)))
    assert setup_of(graph).operators == ()


def test_containers_tell_variables_of_one_name_apart() -> None:
    graph = running_sum(7, -5)
    other = Tensor("one", (1, 2), DType.INT8, QUANT, np.array([[1, 1]], np.int8))
    both = graph.replace(initials={**graph.initials, ("box", "sum"): other})
    assert set(read_model(write_model(both)).initials) == {("", "sum"), ("box", "sum")}


def written_with(setup: Graph, **changes: object) -> bytes:
    """The running sum with another second subgraph."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edgeq.graph.writer.setup_of", lambda graph: setup)
        return write_model(running_sum(7, -5).replace(**changes))


def test_a_setup_that_computes_stays_unread_and_the_model_is_not_written() -> None:
    setup = setup_of(running_sum(7, -5))
    tensors = (*setup.tensors, Tensor("sum", (1, 2), DType.INT8, QUANT))
    add = Operator("ADD", (1, 1), (2,), {"fused_activation_function": "NONE"})
    for operators in ((add, *setup.operators), (handle(0), add, Operator("ASSIGN_VARIABLE", (0, 2), ()))):
        graph = read_model(written_with(setup.replace(tensors=tensors, operators=operators)))
        assert graph.initials == {}
        assert graph.operators[0].unread_options.startswith("the subgraph that it runs: it")
        with pytest.raises(ModelError, match="the subgraph that it runs"):
            write_model(graph)


def test_a_setup_that_contradicts_itself_is_damaged() -> None:
    setup = setup_of(running_sum(7, -5))
    for operators, told in (
        (setup.operators[::-1], "before anything has written it"),
        ((handle(1), setup.operators[1]), "a constant"),
        ((handle(0), handle(0)), "is also an output of"),
    ):
        with pytest.raises(ModelError, match=told):
            read_model(written_with(setup.replace(operators=operators)))


def once_of(index: int, subgraphs: int = 1, operator: str = "CALL_ONCE") -> bytes:
    """A file whose first subgraph runs the subgraph of a number, any number."""
    o, g, m = s.OPERATOR, s.SUBGRAPH, s.MODEL
    code = {s.OPERATOR_CODE["builtin_code"]: ("int32", s.BUILTIN_CODES[operator])}
    call = Raw(
        {
            o["opcode_index"]: ("uint32", 0),
            o["builtin_options_type"]: ("uint8", 103),
            o["builtin_options"]: Raw({0: ("int32", index)}),
        }
    )
    main = raw_model().fields[m["subgraphs"]][0]
    first = Raw({**main.fields, g["operators"]: [call], g["outputs"]: ints(0)})
    return encode(raw_model(code=code, model={m["subgraphs"]: [first] * subgraphs}))


@pytest.mark.parametrize(("index", "subgraphs"), [(0, 1), (1, 1), (2, 2), (-1, 2), (0, 2), (2**31 - 1, 3)])
def test_a_subgraph_that_is_not_there_or_is_the_model_itself(index: int, subgraphs: int) -> None:
    with pytest.raises(ModelError, match=rf"runs subgraph {index} of {subgraphs}"):
        read_model(once_of(index, subgraphs))


def test_a_setup_that_runs_a_setup_is_not_followed() -> None:
    graph = read_model(once_of(1, 2))
    assert graph.operators[0].unread_options == "the subgraph that it runs: it has CALL_ONCE"


def test_cut_and_changed_files_are_graphs_or_errors() -> None:
    data = write_model(running_sum(7, -5))
    random = np.random.default_rng(3)
    survived = 0
    for trial in range(3000):
        copy = bytearray(data[: len(data) - trial % 3 * int(random.integers(1, 400))])
        for _ in range(int(random.integers(1, 6))):
            copy[int(random.integers(len(copy)))] = int(random.choice((0, 1, 0x7F, 0x80, 0xFF)))
        try:
            graph = read_model(bytes(copy))
        except ModelError as error:
            assert error.message
        else:
            survived += 1
            assert all(value.is_constant for value in graph.initials.values())
    assert 0 < survived < 3000
