"""What the checker says of real models, and what a Checked model is."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from checker_models import GOOD

from edgeq.base.errors import ModelError, UsageError
from edgeq.checker import Checked, CheckFailed, check, examine
from edgeq.graph import Graph, model_hash, read_model, write_model

MODELS = ("ad", "ic", "kws", "vww")


@pytest.mark.parametrize("name", MODELS)
def test_published_int8_models_pass(shared: Path, name: str) -> None:
    data = (shared / f"models/mlperf_tiny/{name}_int8.tflite").read_bytes()
    checked = check(data, name=name)
    assert checked.model == data
    assert checked.sha256 == model_hash(data)
    assert [finding.rule for finding in checked.findings] == ["open-batch"]


@pytest.mark.parametrize("name", ["ad", "ic", "vww"])
def test_float_models_fail_as_float_models(shared: Path, name: str) -> None:
    with pytest.raises(CheckFailed, match="nothing in the model is quantized") as failed:
        check((shared / f"models/mlperf_tiny/{name}_float.tflite").read_bytes(), name=name)
    assert [f.rule for f in failed.value.findings if f.severity == "error"] == ["float-model"]
    assert "edgeq convert" in failed.value.hint


def test_kws_float_is_hybrid(shared: Path) -> None:
    with pytest.raises(CheckFailed, match=r"hybrid \(dynamic-range\)") as failed:
        check((shared / "models/mlperf_tiny/kws_float.tflite").read_bytes(), name="kws")
    finding = failed.value.findings[0]
    assert (finding.operator, finding.opcode, finding.dtype) == (0, "CONV_2D", "INT8")
    assert "5 of 13 operators" in finding.message


def test_every_edge_tpu_model_gets_an_answer(shared: Path) -> None:
    for path in sorted((shared / "models/edgetpu").glob("*.tflite")):
        data = path.read_bytes()
        rules = {f.rule for f in examine(read_model(data)) if f.severity == "error"}
        if path.stem.endswith("_edgetpu"):
            assert "unsupported-operator" in rules, path.name
        elif path.stem.startswith(("mobilenet", "split_concat", "keras_lstm", "deeplab")):
            assert not rules, path.name
        elif path.stem.startswith("movenet"):
            assert rules == {"float-operator"}, path.name
        else:
            assert rules & {"unsigned-model", "unsupported-operator", "float-operator"}, path.name


def test_changed_models_never_crash_the_checker() -> None:
    rng = np.random.default_rng(1)
    judged = 0
    for model in GOOD.values():
        data = write_model(model.graph())
        for _ in range(400):
            copy_ = bytearray(data)
            for _ in range(int(rng.integers(1, 4))):
                copy_[int(rng.integers(len(copy_)))] = int(rng.integers(256))
            try:
                graph = read_model(bytes(copy_))
            except ModelError:
                continue
            judged += 1
            for finding in examine(graph):
                json.dumps(finding.to_dict())
    assert judged > 500


def test_only_check_makes_a_checked_model() -> None:
    graph = GOOD["RELU"].graph()
    for token in (None, object(), "token"):
        with pytest.raises(TypeError):
            Checked(token, b"", graph, "aot", ())
    checked = check(write_model(graph), name="net")
    with pytest.raises(AttributeError):
        checked.model = b""  # type: ignore[misc]
    for attempt in (copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))):
        with pytest.raises((TypeError, AttributeError)):
            attempt(checked)


def test_checked_reads_well() -> None:
    checked = check(write_model(GOOD["RELU"].graph()), name="net")
    assert checked.runtime == "aot"
    assert repr(checked).startswith("Checked('net', runtime='aot'")


def test_an_unknown_runtime_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="tflm2"):
        examine(Graph("m", (), (), (), ()), runtime="tflm2")


def test_not_a_model() -> None:
    with pytest.raises(ModelError):
        check(b"hello", name="x")


def test_findings_are_json() -> None:
    graph = GOOD["RELU"].with_tensor(1, quant=None).graph()
    finding = examine(graph)[0].to_dict()
    assert json.loads(json.dumps(finding)) == finding
    assert list(finding) == ["rule", "severity", "operator", "opcode", "tensor", "dtype", "message", "hint"]
