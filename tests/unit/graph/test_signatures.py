"""Several models in one file: one is chosen by its signature's name, and is all that anybody sees."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
import pytest
from graph_samples import tensor
from joined import joined, packed, unpacked
from test_flow import FILES, adding, real, samples

from edgeq import boards_fit, check, inspect
from edgeq.base.errors import ModelError
from edgeq.cli.app import app, main
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


def verbs_of_models() -> dict[str, set[str]]:
    """Of every command that is given a model: what else it takes."""
    found: dict[str, set[str]] = {}
    waiting: list[tuple[str, click.Command]] = [("", app)]
    while waiting:
        name, command = waiting.pop()
        if isinstance(command, click.Group):
            context = click.Context(command)
            parts = ((part, command.get_command(context, part)) for part in command.list_commands(context))
            waiting += [(f"{name} {part}".strip(), one) for part, one in parts if one is not None]
        arguments = {str(one.name) for one in command.params if isinstance(one, click.Argument)}
        if arguments & {"model", "models"} or name == "profile":
            found[name] = {str(one.name) for one in command.params}
    return found


def test_whoever_is_given_a_model_is_told_which() -> None:
    found = verbs_of_models()
    assert {"check", "compile", "boards fit", "init project"} <= set(found)
    assert [name for name, taken in found.items() if "signature" not in taken] == []


def test_of_several_files_it_names_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(tmp_path / name) for name in ("one.tflite", "two.tflite")]
    assert main(["compile", *files, "--signature", "sum", "--json"]) == 2
    assert "names the model of one" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_a_built_project_has_one_model_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(tmp_path), "--signature", "sum", "--json"]) == 2
    assert "--signature is for a model" in json.loads(capsys.readouterr().out)["error"]["message"]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["profile", "both.tflite", "--board", "sim-m0"], 0),
        (["compile", "both.tflite"], 3),
        (["init", "both.tflite", "--board", "sim-m0", "--out", "project"], 0),
    ],
)
def test_the_chosen_one_alone(
    command: list[str],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("both.tflite").write_bytes(BOTH)
    Path("edgeq.toml").write_text('[edgetpu]\ncompiler = ["no-such-compiler"]\n')
    assert main([*command, "--json"]) == 2
    assert "several models" in json.loads(capsys.readouterr().out)["error"]["message"]
    assert main([*command, "--signature", "sum", "--json"]) == code, capsys.readouterr()
    found = json.loads(capsys.readouterr().out)
    if command[0] == "profile":
        assert [layer["title"].split()[0] for layer in found["layers"]] == ["ADD"]
    elif command[0] == "compile":
        assert "1 of 1 operators" in found["error"]["message"]
    else:
        assert 'signature="sum"' in Path("project/tests/test_model.py").read_text()


def test_boards_are_tried_for_the_chosen_one_alone() -> None:
    for signature, told in ((None, "several models"), ("other", "no signature 'other'")):
        with pytest.raises(ModelError, match=told):
            boards_fit(BOTH, signature=signature)


def test_features_have_it_with_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["features", "--preprocessing", "p.toml", "--signature", "sum", "--json"]) == 2
    assert "--signature goes with --model" in json.loads(capsys.readouterr().out)["error"]["message"]


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
