"""A stand-in compiler on PATH, small models, a command line in an empty folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeq.cli import main
from edgeq.graph import ABSENT, DType, Graph, Operator, QuantParams, Tensor, write_model

REPOSITORY = Path(__file__).resolve().parents[2]


def net(dtype: DType = DType.INT8) -> Graph:
    """Convolution, pool, reshape, dense, softmax; LiteRT runs it."""
    rng = np.random.default_rng(3)
    zero = 0 if dtype is DType.INT8 else 128
    weights = (rng.integers(-100, 101, (4, 3, 3, 2)) + zero).astype(dtype.numpy)
    dense = (rng.integers(-100, 101, (5, 16)) + zero).astype(dtype.numpy)

    def activation(name: str, shape: tuple[int, ...], scale: float, point: int) -> Tensor:
        return Tensor(name, shape, dtype, QuantParams.per_tensor(scale, point + zero))

    tensors = (
        activation("in", (1, 6, 6, 2), 0.05, -3),
        Tensor("w", weights.shape, dtype, QuantParams.per_tensor(0.02, zero), weights),
        Tensor("b", (4,), DType.INT32, QuantParams.per_tensor(0.05 * 0.02, 0), np.arange(4, dtype=np.int32)),
        activation("conv", (1, 4, 4, 4), 0.1, 4),
        activation("pool", (1, 2, 2, 4), 0.1, 4),
        Tensor("shape", (2,), DType.INT32, None, np.array([1, 16], np.int32)),
        activation("flat", (1, 16), 0.1, 4),
        Tensor("dw", dense.shape, dtype, QuantParams.per_tensor(0.02, zero), dense),
        activation("logits", (1, 5), 0.3, 9),
        activation("out", (1, 5), 1 / 256, -128),
    )
    window = {"padding": "VALID", "stride_w": 2, "stride_h": 2, "filter_width": 2, "filter_height": 2}
    convolution = {"padding": "VALID", "stride_w": 1, "stride_h": 1, "fused_activation_function": "RELU"}
    operators = (
        Operator("CONV_2D", (0, 1, 2), (3,), convolution, 3),
        Operator("MAX_POOL_2D", (3,), (4,), window, 2),
        Operator("RESHAPE", (4, 5), (6,), {"new_shape": (1, 16)}),
        Operator("FULLY_CONNECTED", (6, 7, ABSENT), (8,), {}, 4),
        Operator("SOFTMAX", (8,), (9,), {"beta": 1.0}, 2),
    )
    return Graph("net", tensors, operators, (0,), (9,))


@pytest.fixture(scope="session")
def model() -> bytes:
    return write_model(net())


@dataclass(frozen=True)
class StandIn:
    """The compiler that stands in; ``says`` chooses what it does, ``calls`` are its argument lists."""

    path: Path
    log: Path
    environment: pytest.MonkeyPatch

    @property
    def command(self) -> tuple[str, ...]:
        return (str(self.path),)

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def does(self, mode: str) -> None:
        self.environment.setenv("EDGETPU_STANDIN", mode)


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """``edgetpu_compiler`` on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = folder / "edgetpu_compiler"
    source = Path(__file__).with_name("standin_compiler.py").read_text()
    head = f"#!{sys.executable}\nimport sys; sys.path.insert(0, {str(REPOSITORY)!r})\n"
    path.write_text(head + source.replace("from __future__ import annotations\n", ""))
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("EDGETPU_STANDIN_CALLS", str(tmp_path / "calls.txt"))
    monkeypatch.delenv("EDGETPU_STANDIN", raising=False)
    return StandIn(path, tmp_path / "calls.txt", monkeypatch)


@dataclass(frozen=True)
class Result:
    """What a command line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


Edgeq = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, without anybody's settings."""
    place = tmp_path / "here"
    place.mkdir()
    (place / ".git").mkdir()
    monkeypatch.chdir(place)
    for name in ("EDGEQ_BOARD", "EDGEQ_PORT"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def edgeq(folder: Path, capfd: pytest.CaptureFixture[str]) -> Edgeq:
    """Run a command line."""

    def run(*args: object) -> Result:
        capfd.readouterr()
        code = main([str(arg) for arg in args])
        told = capfd.readouterr()
        return Result(code, told.out, told.err)

    return run
