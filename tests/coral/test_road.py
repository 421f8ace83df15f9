"""The road to an Edge TPU as a user goes it: deploy, run, doctor; exit codes and messages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeq.graph import ABSENT, DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.judge.report import report_schema

from .conftest import Beside, Edgeq, Sshd, StandIn, net, settings


def shaped(value: Any, schema: dict[str, Any], at: str = "$") -> list[str]:
    """Where a JSON value has other keys or types than a schema says."""
    names = {
        dict: "object",
        list: "array",
        str: "string",
        int: "integer",
        float: "number",
        type(None): "null",
    }
    kinds = schema.get("type", names.get(type(value), "?"))
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    kinds |= {"integer"} if "number" in kinds else set()
    found = [] if names[type(value)] in kinds else [f"{at} is {type(value).__name__}"]
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        required = set(schema.get("required", inner))
        found += [
            f"{at}.{key}" for key in required - set(value) | (set(value) - set(inner) if inner else set())
        ]
        for key in value:
            found += shaped(value[key], inner.get(key, {}), f"{at}.{key}")
    return found


def test_the_whole_road_on_the_cpu(standin: StandIn, here: Path, edgeq: Edgeq) -> None:
    result = edgeq("deploy", "net.tflite", "--board", "coral", "--cpu", "--data", "test.npz", "--json")
    assert result.code == 0, result.err
    report = result.json
    assert shaped(report, report_schema()) == []
    assert (report["board"], report["runtime"], report["verdict"]) == ("coral", "edgetpu", "pass")
    assert report["accuracy"]["device"] is not None and report["exactness"]["samples"] == 12
    assert report["flash"]["total"] is None and report["ram"]["total"] is None
    coral = report["coral"]
    assert (coral["host"], coral["processor"], coral["runtime"], coral["link"]) == (
        "local",
        "cpu",
        None,
        None,
    )
    assert coral["latency_ms"]["warm_runs"] >= 50 and coral["throughput_per_s"] > 0
    assert (coral["mapped"], coral["operators"]) == (5, 5)
    assert "cpu-only" in [finding["rule"] for finding in report["findings"]]
    out = here / "net-coral"
    assert {path.name for path in out.iterdir()} == {
        "edgeq.json", "model_int8.tflite", "model_int8_edgetpu.tflite", "edgetpu_compiler.log",
        "prediction.json", "report.json", "report.html",
    }  # fmt: skip
    assert json.loads((out / "report.json").read_text()) == report
    prediction = json.loads((out / "prediction.json").read_text())
    assert len(prediction["operators"]) == prediction["summary"]["total"] == 5
    assert (out / "model_int8.tflite").read_bytes() == (here / "net.tflite").read_bytes()


def test_loudly(standin: StandIn, here: Path, edgeq: Edgeq) -> None:
    result = edgeq("deploy", "net.tflite", "--board", "coral", "--cpu")
    assert result.code == 0
    assert "NOT THE EDGE TPU" in result.out and "NOT ON THE EDGE TPU" in result.out
    assert "not the Edge TPU" in result.err
    for word in ("agreement", "warm p50", "inferences a second", "5 of 5 operators", "PASS"):
        assert word in result.out


def test_a_float_model(standin: StandIn, folder: Path, edgeq: Edgeq, examples: Path) -> None:
    digits = examples / "digits"
    result = edgeq(
        "deploy", digits / "digits_float.tflite", "--calibration", digits / "calibration.npz", "--data",
        digits / "test.npz", "--limit", 100, "--board", "coral", "--cpu", "--max-accuracy-drop", "2%",
        "--json",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert result.json["accuracy"]["float"] > 0.9 and result.json["accuracy"]["device"] > 0.9


def faked(*, inside: bool) -> bytes:
    """y = w x as training leaves it, with fake quantization; or int8 between QUANTIZE and DEQUANTIZE."""
    quant = QuantParams.per_tensor
    weights = np.random.default_rng(5).integers(-127, 128, (3, 4)).astype(np.int8)
    tensors = (
        Tensor("x", (1, 4), DType.FLOAT32),
        Tensor("xq", (1, 4), DType.INT8, quant(1 / 127, 0)),
        Tensor("xf", (1, 4), DType.FLOAT32),
        Tensor("w", (3, 4), DType.FLOAT32, None, weights.astype(np.float32) / 127),
        Tensor("wq", (3, 4), DType.INT8, quant(1 / 127, 0), weights),
        Tensor("yf", (1, 3), DType.FLOAT32),
        Tensor("yq", (1, 3), DType.INT8, quant(4 / 127, 0)),
        Tensor("y", (1, 3), DType.FLOAT32),
    )
    product = {"fused_activation_function": "NONE", "weights_format": "DEFAULT", "keep_num_dims": False}
    first, last = Operator("QUANTIZE", (0,), (1,)), Operator("DEQUANTIZE", (6,), (7,), version=2)
    middle = (
        (Operator("FULLY_CONNECTED", (1, 4, ABSENT), (6,), product, 4),)
        if inside
        else (
            Operator("DEQUANTIZE", (1,), (2,), version=2),
            Operator("FULLY_CONNECTED", (2, 3, ABSENT), (5,), product),
            Operator("QUANTIZE", (5,), (6,)),
        )
    )
    return write_model(Graph("faked", tensors, (first, *middle, last), (0,), (7,)))


@pytest.mark.parametrize("inside", [False, True])
def test_what_training_left_is_float_and_what_is_int8_inside_is_not(
    standin: StandIn, here: Path, edgeq: Edgeq, inside: bool
) -> None:
    """Fake quantization is converted and has a float accuracy; int8 would be compared with itself."""
    (here / "faked.tflite").write_bytes(faked(inside=inside))
    x = np.random.default_rng(6).uniform(-1, 1, (30, 4)).astype(np.float32)
    np.savez(here / "x.npz", x=x, y=np.arange(30) % 3)
    result = edgeq("deploy", "faked.tflite", "--board", "coral", "--cpu", "--data", "x.npz", "--json")
    assert result.code == 0, result.err
    assert ("quantized already" in result.err) == inside
    assert (result.json["accuracy"]["float"] is None) == inside
    assert ("no-float-model" in [one["rule"] for one in result.json["findings"]]) == inside


def test_an_unsigned_model(standin: StandIn, here: Path, edgeq: Edgeq) -> None:
    (here / "old.tflite").write_bytes(write_model(net(DType.UINT8)))
    result = edgeq("deploy", "old.tflite", "--board", "coral", "--cpu", "--json")
    assert result.code == 0, result.err
    assert result.json["exactness"]["argmax_agree"] == result.json["exactness"]["samples"] == 20


@pytest.mark.usefixtures("without_compiler")
def test_without_compiler_everything_else_is_done(here: Path, edgeq: Edgeq) -> None:
    result = edgeq("deploy", "net.tflite", "--board", "coral", "--cpu", "--json")
    assert result.code == 0
    assert result.json["verdict"] == "pass" and result.json["coral"]["mapped"] is None
    (absent,) = [one for one in result.json["findings"] if one["rule"] == "compiler-missing"]
    assert "edgetpu-compiler" in absent["hint"]
    assert (here / "net-coral" / "report.json").is_file()


@pytest.mark.usefixtures("without_compiler")
def test_without_compiler_and_without_cpu(here: Path, edgeq: Edgeq) -> None:
    result = edgeq("deploy", "net.tflite", "--board", "coral", "--json")
    assert result.code == 3
    assert result.json["error"]["kind"] == "ToolMissingError"
    assert "kept in net-coral" in result.json["error"]["hint"]
    assert (here / "net-coral" / "prediction.json").is_file()
    assert (here / "net-coral" / "model_int8.tflite").is_file()


def test_on_a_device(standin: StandIn, beside: Beside, here: Path, edgeq: Edgeq) -> None:
    beside.plug_in()
    beside.put_card(temp="45000")
    settings(here, python=str(beside.python))
    result = edgeq("deploy", "net.tflite", "--board", "coral", "--json")
    assert result.code == 0, result.err
    coral = result.json["coral"]
    assert coral["processor"] == "edgetpu" and "RuntimeVersion(14)" in coral["runtime"]
    assert coral["temperature_c"]["after"] == 45.0
    assert "-m 14" in standin.calls[0]
    assert "45.0 → 45.0 °C" in edgeq("run", "net-coral", "--board", "coral").out


def test_compiled_for_the_runtime_that_is_there(
    standin: StandIn, beside: Beside, here: Path, edgeq: Edgeq, tmp_path: Path
) -> None:
    from .conftest import build_library

    build_library(tmp_path / "lib", "13")
    beside.plug_in(speed="480")
    settings(here, python=str(beside.python))
    result = edgeq("deploy", "net.tflite", "--board", "coral", "--json")
    assert result.code == 0 and "-m 13" in standin.calls[0]
    assert "slow-link" in [finding["rule"] for finding in result.json["findings"]]
    again = edgeq("deploy", "net.tflite", "--board", "coral", "--force", "--min-runtime-version", 12)
    assert again.code == 0 and "-m 12" in standin.calls[1]


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("mode", "plugged", "code", "words"),
    [
        ("no-library", True, 3, "no Edge TPU library"),
        ("no-device", False, 5, "no Edge TPU is plugged in"),
        ("old-runtime", True, 3, "needs Edge TPU runtime 14"),
        ("unplugged", True, 5, "was unplugged"),
        ("mismatch", True, 5, "SIGSEGV"),
        ("flickers", True, 5, "two different answers"),
    ],
)
def test_what_users_meet(
    standin: StandIn,
    beside: Beside,
    here: Path,
    edgeq: Edgeq,
    mode: str,
    plugged: bool,
    code: int,
    words: str,
) -> None:
    beside.does(mode)
    if plugged:
        beside.plug_in()
    settings(here, python=str(beside.python))
    result = edgeq("deploy", "net.tflite", "--board", "coral")
    assert result.code == code
    assert words in result.err and "hint:" in result.err
    assert "kept in net-coral" in result.err
    assert (here / "net-coral" / "model_int8_edgetpu.tflite").is_file()


def test_over_ssh(standin: StandIn, beside: Beside, here: Path, edgeq: Edgeq, sshd: Sshd) -> None:
    beside.plug_in()
    settings(here, python=str(beside.python), ssh=list(sshd.ssh))
    board = f"coral@{sshd.destination}"
    result = edgeq("deploy", "net.tflite", "--board", board, "--data", "test.npz", "--json")
    assert result.code == 0, result.err
    assert (result.json["coral"]["host"], result.json["coral"]["processor"]) == (sshd.destination, "edgetpu")
    tried = edgeq("deploy", "net.tflite", "--board", board, "--cpu", "--out", "tried", "--json")
    assert tried.code == 0 and tried.json["coral"]["processor"] == "cpu"
    assert tried.json["coral"]["host"] == sshd.destination and tried.json["exactness"]["samples"] == 20
    assert edgeq("doctor", "--board", board).code == 0


def test_a_host_that_is_not_there(standin: StandIn, here: Path, edgeq: Edgeq) -> None:
    settings(here, ssh=["ssh", "-F", "/dev/null"])
    result = edgeq("deploy", "net.tflite", "--board", "coral@nobody@127.0.0.1:9", "--cpu")
    assert result.code == 5 and "runs no SSH server" in result.err
    assert edgeq("doctor", "--board", "coral@nobody@127.0.0.1:9").code == 3
    assert edgeq("deploy", "net.tflite", "--board", "coral@-oProxyCommand=x", "--cpu", "--out", "x").code == 2


def test_what_stays_on_the_cpu(standin: StandIn, here: Path, edgeq: Edgeq) -> None:
    graph = net()
    operators = (*graph.operators[:1], graph.operators[0].__class__("ABS", (3,), (4,)), *graph.operators[2:])
    tensors = list(graph.tensors)
    tensors[4] = tensors[3].__class__("pool", (1, 4, 4, 4), DType.INT8, tensors[3].quant)
    tensors[5] = tensors[5].__class__("shape", (2,), DType.INT32, None, np.array([4, 16], np.int32))
    tensors[6] = tensors[6].__class__("flat", (4, 16), DType.INT8, tensors[6].quant)
    tensors[8] = tensors[8].__class__("logits", (4, 5), DType.INT8, tensors[8].quant)
    tensors[9] = tensors[9].__class__("out", (4, 5), DType.INT8, tensors[9].quant)
    broken = graph.replace(operators=operators, tensors=tuple(tensors))
    (here / "abs.tflite").write_bytes(write_model(broken))
    result = edgeq("compile", "abs.tflite", "--min-mapped", "50%", "--json")
    assert result.code == 1
    rules = [finding["rule"] for finding in result.json["findings"]]
    assert "min-mapped" in rules and "unmapped" in rules
    assert result.json["models"][0]["mapped"] == 1


def test_a_failure_keeps_its_log(standin: StandIn, here: Path, edgeq: Edgeq) -> None:
    standin.does("large")
    result = edgeq("deploy", "net.tflite", "--board", "coral", "--cpu")
    assert result.code == 4 and "too large" in result.err and "--find-culprit" in result.err
    assert "large activation" in (here / "net-coral" / "edgetpu_compiler.log").read_text()


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("run", "net.tflite", "--board", "coral"), "is not compiled"),
        (("run", ".", "--board", "coral"), "holds no model_int8.tflite"),
        (("deploy", "net_edgetpu.tflite", "--board", "coral"), "is compiled already"),
        (("compile", "net_edgetpu.tflite"), "is compiled for the Edge TPU already"),
        (("compile", "net.tflite", "--intermediate-tensors", "conv,in"), "computes no tensor 'in'"),
        (("run", "lone_edgetpu.tflite", "--board", "coral"), "lone.tflite is not there"),
        (("deploy", "net.tflite", "--board", "host", "--cpu"), "--cpu is for an Edge TPU"),
        (("deploy", "net.tflite", "--board", "sim-m4@pi"), "not reached over SSH"),
        (("generate", "net.tflite", "--board", "coral"), "no project to generate"),
        (("deploy", "net.tflite", "--board", "corl"), "did you mean 'coral'"),
    ],
)
def test_misuse(standin: StandIn, here: Path, edgeq: Edgeq, args: tuple[str, ...], words: str) -> None:
    assert edgeq("compile", "net.tflite", "--out", "c").code == 0
    compiled = (here / "c/net_edgetpu.tflite").read_bytes()
    (here / "net_edgetpu.tflite").write_bytes(compiled)
    (here / "lone_edgetpu.tflite").write_bytes(compiled)
    result = edgeq(*args)
    assert result.code == 2
    assert words in result.err


def test_doctor(standin: StandIn, beside: Beside, here: Path, edgeq: Edgeq) -> None:
    settings(here, python=str(beside.python))

    def missing() -> list[str]:
        told = edgeq("doctor", "--board", "coral", "--json")
        assert told.code == (3 if told.json["verdict"] == "fail" else 0)
        return [need["name"] for need in told.json["needs"] if need["required"] and need["status"] != "ok"]

    assert missing() == ["Edge TPU"]
    beside.plug_in(speed="480")
    assert missing() == []
    text = edgeq("doctor", "--board", "coral").out
    assert "USB 2, 480 Mbit/s" in text and "USB 3 port" in text and "16.0.384591198" in text
    assert "opened the device" in text
    beside.does("mismatch")
    assert missing() == ["delegate"]


def test_what_the_interpreter_refuses_is_told_before_the_compiler_is_asked(
    standin: StandIn, folder: Path, edgeq: Edgeq
) -> None:
    graph = net()
    dense = graph.operators[-2]
    far = QuantParams.per_tensor(1e-30, 0)
    tensors = list(graph.tensors)
    tensors[dense.outputs[0]] = replace(tensors[dense.outputs[0]], quant=far)
    (folder / "far.tflite").write_bytes(write_model(graph.replace(tensors=tuple(tensors))))
    for verb in (("compile",), ("deploy", "--board", "coral", "--cpu")):
        said = edgeq(verb[0], "far.tflite", *verb[1:], "--out", verb[0]).err
        assert "predicted: the compiler refuses" in said and "TensorFlow Lite prepare" in said, said
