"""Verdicts end to end: firmware that is wrong, data that does not suit the model, and what is allowed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .conftest import Edgeq, Result
from .models import float_dense, int8_dense, samples

pytest.importorskip("ziglang")

INVOKE = re.compile(r"(int edgeq_runtime_invoke\(void\)\n\{.*?)(    return 0;\n\})", re.DOTALL)


def spoilt(network: Path, statement: str) -> None:
    """Let the firmware's network do something more after each inference."""
    text, found = INVOKE.subn(rf"\g<1>    {statement}\n\g<2>", network.read_text())
    assert found == 1
    network.write_text(text)


def rules(result: Result) -> dict[str, dict[str, Any]]:
    return {finding["rule"]: finding for finding in result.json["findings"]}


@pytest.fixture
def data(folder: Path) -> Path:
    x, y = samples(60)
    np.savez(folder / "cal.npz", x=x)
    np.savez(folder / "test.npz", x=x, y=y)
    (folder / "m.tflite").write_bytes(float_dense())
    (folder / "q.tflite").write_bytes(int8_dense())
    return folder


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("statement", "differ"),
    [
        ("((unsigned char *)edgeq_output(0)->data)[0] ^= 0x55u;", 60),
        ("((unsigned char *)edgeq_output(0)->data)[1] = 7u;", None),
        ("static int runs; if (++runs == 50) ((unsigned char *)edgeq_output(0)->data)[1] ^= 1u;", 1),
    ],
)
def test_firmware_that_is_wrong_fails(edgeq: Edgeq, data: Path, statement: str, differ: int | None) -> None:
    """A kernel that spoils every answer, one output, or one of sixty answers."""
    assert edgeq("generate", "q.tflite", "--board", "host", "--out", "p").code == 0
    spoilt(data / "p" / "src" / "network" / "edgeq_network.c", statement)
    assert edgeq("build", "p").code == 0
    result = edgeq("run", "p", "--data", "test.npz", "--max-accuracy-drop", "100%", "--json")
    assert result.code == 1
    report = result.json
    exactness, finding = report["exactness"], rules(result)["inexact"]
    different = exactness["outputs"] - exactness["exact"]
    assert different == differ or (differ is None and different > 50)
    assert (report["verdict"], finding["severity"]) == ("fail", "error")
    assert f"{different} of 120 output elements differ" in finding["message"]
    first = exactness["first"]
    assert f"sample {first['sample']}, output 0 ('y'), element {first['element']}" in finding["message"]
    assert exactness["max_difference"] >= abs(first["expected"] - first["got"]) > 0
    shown = edgeq("run", "p", "--data", "test.npz")
    assert shown.code == 1 and "FAIL" in shown.out and "differ from" in shown.out
    allowed = edgeq(
        "run", "p", "--data", "test.npz", "--allow-inexact", "--max-accuracy-drop", "100%", "--json"
    )
    assert allowed.code == 0, allowed.out
    assert (allowed.json["verdict"], rules(allowed)["inexact"]["severity"]) == ("pass", "warning")
    both = edgeq("run", "p", "--data", "test.npz", "--allow-inexact", "--require-exact", "--json")
    assert both.code == 1 and rules(both)["require-exact"]["severity"] == "error"


def test_firmware_that_decides_otherwise_fails_even_where_inexact_is_allowed(
    edgeq: Edgeq, data: Path
) -> None:
    """int8 100 %, device 50 %: the accuracy's limit holds by itself."""
    assert edgeq("generate", "q.tflite", "--board", "host", "--out", "p").code == 0
    nonsense = (
        "((signed char *)edgeq_output(0)->data)[0] = 127; ((signed char *)edgeq_output(0)->data)[1] = 0;"
    )
    spoilt(data / "p" / "src" / "network" / "edgeq_network.c", nonsense)
    assert edgeq("build", "p").code == 0
    result = edgeq("run", "p", "--data", "test.npz", "--allow-inexact", "--json")
    assert result.code == 1
    accuracy = result.json["accuracy"]
    assert accuracy["int8"] > 0.95 and accuracy["device"] < 0.7
    assert "accuracy falls from" in rules(result)["inexact"]["message"]
    assert rules(result)["max-accuracy-drop"]["severity"] == "error"


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_good_data_gives_a_pass_without_a_word(edgeq: Edgeq, data: Path, seed: int) -> None:
    scale = 10 ** np.random.default_rng(seed).uniform(-2, 2)
    x, y = samples(60)
    np.savez("cal.npz", x=scale * x)
    np.savez("test.npz", x=scale * x, y=y)
    result = edgeq(
        "deploy", "m.tflite", "--calibration", "cal.npz", "--data", "test.npz", "--board", "host", "--json"
    )
    assert result.code == 0, result.err
    assert result.json["verdict"] == "pass"
    assert not [rule for rule, one in rules(result).items() if one["severity"] != "info"]


@pytest.mark.slow
def test_data_that_does_not_suit_the_calibration_is_told(edgeq: Edgeq, data: Path) -> None:
    x, y = samples(60)
    np.savez("large.npz", x=255 * x, y=y)
    np.savez("small.npz", x=x / 255, y=y)
    road = ("deploy", "m.tflite", "--calibration", "cal.npz", "--board", "host", "--json")
    large = edgeq(*road, "--data", "large.npz", "--out", "large")
    told = rules(large)["input-saturates"]
    assert told["severity"] == "warning" and re.match(
        r"9\d\.\d % of the values of input 'x'", told["message"]
    )
    assert float(told["message"].split("spans ")[1].split(" to")[0]) == pytest.approx(255 * x.min(), rel=1e-3)
    small = edgeq("run", "large/project", "--data", "small.npz", "--json")
    assert "input-inside" in rules(small)
    report = json.loads(Path("large/report.json").read_text())
    assert report["findings"] == large.json["findings"]


@pytest.mark.slow
@pytest.mark.parametrize("times", [1 / 300, 4000])
def test_a_calibration_that_ruins_the_model_fails_unless_the_drop_is_allowed(
    edgeq: Edgeq, data: Path, times: float
) -> None:
    x, _ = samples(60)
    np.savez("cal.npz", x=(times * x).astype(np.float32))
    road = (
        "deploy",
        "m.tflite",
        "--calibration",
        "cal.npz",
        "--data",
        "test.npz",
        "--board",
        "host",
        "--json",
    )
    result = edgeq(*road)
    accuracy = result.json["accuracy"]
    assert accuracy["float"] == 1.0 and accuracy["int8"] < 0.9
    assert accuracy["device"] == accuracy["int8"], "the firmware is right, the model is not"
    assert (result.code, result.json["verdict"]) == (1, "fail")
    found = rules(result)
    assert found["max-accuracy-drop"]["severity"] == "error"
    assert found["int8-accuracy"]["severity"] == "warning"
    assert {"input-saturates", "input-inside"} & set(found)
    allowed = edgeq(*road, "--force", "--max-accuracy-drop", "1.0")
    assert (allowed.code, allowed.json["verdict"]) == (0, "pass")
    assert "int8-accuracy" in rules(allowed)
