"""Several models in one file: one is chosen by its signature's name, and is all that anybody sees."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from graph_samples import tensor
from joined import joined, packed, unpacked
from test_flow import FILES, adding, real, samples

from edgeq import check, inspect
from edgeq.base.errors import ModelError
from edgeq.cli.app import main
from edgeq.graph import Graph, Operator, model_alone, read_model
from edgeq.interpreter import run

OTHER = Graph("other", (tensor("p", (1, 4)), tensor("q", (1, 4))), (Operator("ABS", (0,), (1,)),), (0,), (1,))
BOTH = joined([OTHER, adding(1)], {"magnitude": 0, "sum": 1})


def test_the_chosen_one_is_what_everybody_sees() -> None:
    alone, graph = model_alone(BOTH, "both", "sum")
    assert [op.opcode for op in graph.operators] == ["ADD"] and graph.input_tensors[0].alias == "a"
    np.testing.assert_array_equal(run(alone, samples())[0], run(joined([adding(1)]), samples())[0])
    checked = check(BOTH, signature="sum")
    assert checked.model == alone and checked.graph.output_tensors[0].alias == "y"
    assert inspect(BOTH, signature="magnitude")["operators"][0]["opcode"] == "ABS"


def test_none_chosen_or_one_that_is_not_there() -> None:
    with pytest.raises(ModelError, match="several models in one file") as refused:
        read_model(BOTH)
    assert "--signature" in refused.value.hint and "magnitude, sum" in refused.value.hint
    for data in (BOTH, joined([OTHER], {"only": 0})):
        with pytest.raises(ModelError, match="no signature 'other'") as refused:
            read_model(data, signature="other")
        assert "there are" in refused.value.hint
    with pytest.raises(ModelError, match="no signature") as refused:
        read_model(FILES["then"], signature="x")
    assert "leave --signature out" in refused.value.hint
    with pytest.raises(ModelError, match="runs subgraph 2 of 2"):
        read_model(far())


def far() -> bytes:
    model = unpacked(joined([OTHER, OTHER], {"one": 0}))
    model.signatureDefs[0].subgraphIndex = 2
    return packed(model)


def test_two_names_of_one_subgraph() -> None:
    data = joined([adding(1)], {"first": 0, "second": 0})
    assert read_model(data).operators == model_alone(data, signature="second")[1].operators
    assert real("x").shape == read_model(data).input_tensors[0].shape


@pytest.mark.parametrize("verb", ["inspect", "check"])
def test_on_the_command_line(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "both.tflite"
    file.write_bytes(BOTH)
    assert main([verb, str(file), "--json"]) == 2
    assert "several models" in json.loads(capsys.readouterr().out)["error"]["message"]
    assert main([verb, str(file), "--signature", "sum", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"]["name"] == "both"


def test_deploy_runs_the_chosen_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "both.tflite"
    file.write_bytes(BOTH)
    out = ["--board", "host", "--samples", "3", "--out", str(tmp_path / "out"), "--json"]
    assert main(["deploy", str(file), "--signature", "sum", *out]) == 0, capsys.readouterr()
    report = json.loads(capsys.readouterr().out)
    assert report["exactness"]["exact"] == report["exactness"]["outputs"] == 3 * 6
