"""MLPerf Tiny's benchmark over its protocol, on the firmware's own text protocol behind loopback TCP."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from test_link_urls import Served

from edgeq.base.errors import DataError, DeviceError, UsageError
from edgeq.cli.app import main
from edgeq.judge.bench.mlperf_tiny import BENCHMARKS, auc, inputs
from edgeq.verbs.suite import SuiteRequest, run_suite

X = np.random.default_rng(0).integers(-128, 128, (6, 490)).astype(np.int8)


def labels(one) -> np.ndarray:
    """What the stand-in decides for."""
    scores = [np.frombuffer(one.scores(row.tobytes()), np.int8) for row in X]
    return np.array([int(np.argmax(row)) for row in scores])


def test_accuracy_mode(device, tmp_path: Path) -> None:
    one = device(ONE_OUTPUT=1, EDGEQ_LINK_MODEL='"kws01"')
    served = Served(one)
    right = labels(one)
    right[0] = (right[0] + 1) % 12
    np.savez(tmp_path / "d.npz", x=X, y=right)
    request = SuiteRequest(
        f"socket://127.0.0.1:{served.port}",
        mode="accuracy",
        data=tmp_path / "d.npz",
        log=tmp_path / "serial.log",
    )
    found = run_suite(request)
    assert found.quality is not None and found.benchmark == "kws01"
    assert (found.quality.metric, found.quality.samples) == ("top-1 accuracy", 6)
    assert found.quality.value == pytest.approx(5 / 6)
    assert not found.is_good and found.quality.target == 0.9
    assert b"> infer 1 0%" in (tmp_path / "serial.log").read_bytes()
    served.close()


def test_performance_mode_says_when_it_is_too_short(
    device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    served = Served(device(ONE_OUTPUT=1, EDGEQ_LINK_MODEL='"ic01"', INPUT_BYTES=3072))
    url = f"socket://127.0.0.1:{served.port}"
    assert main(["bench", "--suite", "mlperf-tiny", "--port", url, "--json", "-q"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["benchmark"], len(told["performance"]["windows"])) == ("ic01", 5)
    assert told["performance"]["latency_us"] * 20 == sorted(told["performance"]["windows"])[2]
    assert told["performance"]["is_long_enough"] is False and told["accuracy"] is None
    served.close()


def test_other_models_and_modes_without_data_are_refused(device, tmp_path: Path) -> None:
    served = Served(device(ONE_OUTPUT=1))
    url = f"socket://127.0.0.1:{served.port}"
    with pytest.raises(DeviceError, match="runs 'standin', which is none of the suite's models") as error:
        run_suite(SuiteRequest(url, log=tmp_path / "serial.log"))
    assert "--name" in error.value.hint
    with pytest.raises(UsageError, match="accuracy mode needs samples"):
        run_suite(SuiteRequest(url, mode="accuracy", log=tmp_path / "serial.log"))
    served.close()


def test_what_the_runner_sends() -> None:
    assert inputs(X, BENCHMARKS["kws01"]) == [row.tobytes() for row in X]
    with pytest.raises(DataError, match="are not uint8"):
        inputs(np.full((1, 3072), -1), BENCHMARKS["ic01"])
    with pytest.raises(DataError, match="has 490 elements, ad01 takes 640"):
        inputs(X, BENCHMARKS["ad01"])
    assert len(inputs(np.zeros((1, 640)), BENCHMARKS["ad01"])[0]) == 2560


def test_the_area_under_the_curve() -> None:
    labels = np.array([0, 0, 1, 1])
    assert auc(np.array([0.1, 0.4, 0.35, 0.8]), labels) == 0.75
    assert auc(np.array([1.0, 1.0, 1.0, 1.0]), labels) == 0.5
    with pytest.raises(DataError, match="both labels"):
        auc(np.array([1.0]), np.array([1]))
