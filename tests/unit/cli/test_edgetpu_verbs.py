"""check --target edgetpu and inspect of compiled models, as a user meets them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model

from .conftest import Edgeq
from .models import float_dense


def branch() -> bytes:
    """RELU on the chip, HARD_SWISH on the CPU, and an ADD that waits for it; uint8 as legacy models are."""
    quant = QuantParams.per_tensor(0.05, 3)
    tensors = tuple(Tensor(f"t{i}", (1, 4, 4, 4), DType.UINT8, quant) for i in range(4))
    operators = (
        Operator("RELU", (0,), (1,)),
        Operator("HARD_SWISH", (1,), (2,)),
        Operator("ADD", (1, 2), (3,)),
    )
    return write_model(Graph("branch", tensors, operators, (0,), (3,)))


@pytest.fixture
def files(folder: Path) -> Path:
    (folder / "b.tflite").write_bytes(branch())
    (folder / "f.tflite").write_bytes(float_dense())
    return folder


def test_the_object(edgeq: Edgeq, files: Path) -> None:
    result = edgeq("check", "b.tflite", "--target", "edgetpu", "--json")
    assert result.code == 0
    found = result.json
    assert (found["verdict"], found["target"], found["failure"]) == ("pass", "edgetpu", None)
    assert [one["mapped"] for one in found["operators"]] == [True, False, False]
    assert {"index", "name", "mapped", "status", "confidence", "reason", "remedy"} <= set(
        found["operators"][0]
    )
    assert found["operators"][1]["status"] == "Operation not supported"
    assert found["operators"][2]["status"] == "More than one subgraph is not supported"
    assert found["operators"][2]["blocked_by"] == [1]
    keys = {"mapped", "total", "parameter_bytes_cached", "parameter_bytes_streamed", "cycles", "latency_ms"}
    assert keys <= set(found["summary"])
    assert (found["summary"]["mapped"], found["summary"]["total"]) == (1, 3)
    assert found["summary"]["latency"][0]["host"] == "desktop, USB 3"


def test_in_words(edgeq: Edgeq, files: Path) -> None:
    result = edgeq("check", "b.tflite", "--target", "edgetpu")
    assert result.code == 0
    assert "CPU  1 HARD_SWISH" in result.out
    assert "CPU  2 ADD" in result.out
    assert "1 of 3 operators on the Edge TPU (33.3 %)" in result.out
    assert result.out.rstrip().splitlines()[-1].startswith("PASS")
    told = edgeq("check", "b.tflite", "--target", "edgetpu", "-v").out
    assert "Mapped to Edge TPU" in told


@pytest.mark.parametrize(("least", "code"), [("30%", 0), ("0.95", 1), ("95%", 1)])
def test_the_share_that_must_map(edgeq: Edgeq, files: Path, least: str, code: int) -> None:
    result = edgeq("check", "b.tflite", "--target", "edgetpu", "--min-mapped", least, "--json")
    assert result.code == code
    assert result.json["verdict"] == ("fail" if code else "pass")


def test_without_a_share_something_must_map(edgeq: Edgeq, files: Path) -> None:
    few = edgeq("check", "b.tflite", "--target", "edgetpu", "--json")
    assert (few.code, few.json["min_mapped"]) == (0, None)
    assert "Fewer than half of the operators map, 1 of 3" in few.json["warnings"][0]
    quant = QuantParams.per_tensor(0.05, 3)
    tensors = tuple(Tensor(f"t{i}", (1, 4, 4, 4), DType.INT8, quant) for i in range(2))
    (files / "n.tflite").write_bytes(
        write_model(Graph("none", tensors, (Operator("HARD_SWISH", (0,), (1,)),), (0,), (1,)))
    )
    line = ("check", "n.tflite", "--target", "edgetpu")
    assert edgeq(*line).code == 1
    assert edgeq(*line, "--min-mapped", "0%").code == 0


def test_a_float_model_is_refused_in_the_compilers_words(edgeq: Edgeq, files: Path) -> None:
    result = edgeq("check", "f.tflite", "--target", "edgetpu")
    assert result.code == 1
    assert "Model not quantized" in result.out
    assert "edgeq convert" in result.out
    failure = edgeq("check", "f.tflite", "--target", "edgetpu", "--json").json["failure"]
    assert failure["status"] == "Invalid model: f\nModel not quantized"


def test_the_picture(edgeq: Edgeq, files: Path) -> None:
    line = ("check", "b.tflite", "--target", "edgetpu", "--picture", "b.svg")
    assert edgeq(*line).code == 0
    ElementTree.parse(files / "b.svg")
    again = edgeq(*line)
    assert (again.code, "exists" in again.err) == (2, True)
    assert edgeq(*line, "--force").code == 0


def test_options_of_the_other_target(edgeq: Edgeq, files: Path) -> None:
    result = edgeq("check", "b.tflite", "--min-mapped", "95%")
    assert (result.code, "--target edgetpu" in result.err) == (2, True)
    assert edgeq("check", "b.tflite", "--target", "edgetpu", "--min-mapped", "95").code == 2


def test_inspect_opens_a_compiled_model(edgeq: Edgeq, folder: Path, shared: Path) -> None:
    model = shared / "models" / "edgetpu" / "posenet_mobilenet_v1_075_353_481_quant_decoder_edgetpu.tflite"
    (package,) = edgeq("inspect", str(model), "--json").json["edgetpu"]["packages"]
    assert package["min_runtime_version"] == 12
    assert (package["parameter_bytes_cached"], package["cycles"]) == (1386432, 1428960)
    told = edgeq("inspect", str(model)).out
    assert "1.32 MB on the chip" in told
    assert "on the CPU: 1 PosenetDecoderOp" in told
    refused = edgeq("check", str(model), "--target", "edgetpu")
    assert (refused.code, "already" in refused.err) == (2, True)


def test_inspect_of_other_models_is_as_before(edgeq: Edgeq, files: Path) -> None:
    assert "edgetpu" not in edgeq("inspect", "b.tflite", "--json").json
