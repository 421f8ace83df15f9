"""``edgeq params``: the three forms, of numbers and of a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model

from .conftest import Edgeq


def test_one_form_gives_the_others(edgeq: Edgeq) -> None:
    found = edgeq("params", "--range", "-1,1", "--json").json
    assert (found["mean"], found["std"]) == pytest.approx((127.5, 127.5))
    assert (found["zero_point"], found["dtype"]) == (128, "UINT8")
    assert edgeq("params", "--stats", "127.5,127.5", "--json").json["max"] == pytest.approx(1)
    assert edgeq("params", "--scale", "0.5,-128", "--type", "int8", "--json").json["max"] == 127.5
    told = edgeq("params", "--range", "-1,1").out
    assert "mean, std          127.5, 127.5" in told
    assert "0.0 is made exact" in told


def test_values_become_integers(edgeq: Edgeq) -> None:
    done = edgeq("params", "--range", "-10,30", "--value", "-10", "--value", "10", "--value", "30")
    assert done.out.split("\n")[-4:-1] == ["  -10 -> 0", "  10 -> 128", "  30 -> 255"]


def test_a_model_gives_those_of_every_tensor(edgeq: Edgeq, folder: Path) -> None:
    quant = QuantParams.per_tensor(0.5, -28)
    tensors = (
        Tensor("x", (1, 4), DType.FLOAT32),
        Tensor("y", (1, 4), DType.INT8, quant),
    )
    (folder / "m.tflite").write_bytes(
        write_model(Graph("m", tensors, (Operator("QUANTIZE", (0,), (1,)),), (0,), (1,)))
    )
    x, y = edgeq("params", "m.tflite", "--json").json["tensors"]
    assert (x["parameters"][0]["scale"], x["parameters"][0]["zero_point"]) == (0.0, 0)
    assert (y["parameters"][0]["min"], y["parameters"][0]["max"]) == (-50.0, 77.5)
    assert "-28" in edgeq("params", "m.tflite").out
    inspected = edgeq("inspect", "m.tflite", "--json").json["tensors"]
    assert (inspected[0]["mins"], inspected[1]["mins"], inspected[1]["stds"]) == (None, [-50.0], [2.0])


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--range", "1"),
        ("--range", "a,b"),
        ("--range", "nan,1"),
        ("--scale", "1,0.5"),
        ("--range", "0,1", "--stats", "0,1"),
        ("m.tflite", "--value", "1"),
        ("--scale", "0,0", "--value", "1"),
        ("--range", "0,1", "--value", "nan"),
    ],
)
def test_what_is_no_form_is_refused(edgeq: Edgeq, args: tuple[str, ...]) -> None:
    done = edgeq("params", *args, "--json")
    assert done.code == 2
    assert done.error["hint"]


def test_a_float_tensor_reports_zero_and_zero(edgeq: Edgeq) -> None:
    found = edgeq("params", "--scale", "0,0", "--json").json
    assert (found["scale"], found["zero_point"], found["dtype"]) == (0.0, 0, "FLOAT32")
    assert "not quantized" in edgeq("params", "--scale", "0,0").out
