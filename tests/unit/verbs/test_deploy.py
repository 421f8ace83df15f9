"""What the pipeline decides before any stage runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import DataError, UsageError
from edgeq.boards import load_board
from edgeq.data import Dataset
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.judge.evaluation import EvaluationData
from edgeq.judge.report import Thresholds
from edgeq.targets import Place
from edgeq.verbs.calibration import Calibration
from edgeq.verbs.convert import form_name, is_float, quantize
from edgeq.verbs.deploy import deploy
from edgeq.verbs.folders import default_out
from edgeq.verbs.request import DeployRequest
from edgeq.verbs.runtimes import Outcome


def graph(inputs: DType, outputs: DType) -> Graph:
    quant = QuantParams.per_tensor(0.5, 0)
    return Graph(
        "g", (Tensor("x", (1, 2), inputs, quant), Tensor("y", (1, 2), outputs, quant)), (), (0,), (1,)
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kws_float", "kws_int8"),
        ("m", "m_int8"),
        ("m_int8", "m_int8"),
        ("_float", "_float_int8"),
        ("a_fp32", "a_int8"),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert form_name(name) == expected


def test_default_place() -> None:
    assert default_out("kws", "sim-m4") == Path("kws-sim-m4")


def test_what_is_float() -> None:
    assert not is_float(graph(DType.INT8, DType.UINT8))
    assert is_float(graph(DType.FLOAT32, DType.FLOAT32))
    assert is_float(graph(DType.INT8, DType.FLOAT32))


def test_an_int8_model_is_taken_as_it_is() -> None:
    int8 = graph(DType.INT8, DType.INT8)
    found = quantize(b"model", int8, Calibration())
    assert (found.model, found.graph, found.float_model, found.findings) == (b"model", int8, None, ())


def test_a_float_model_needs_calibration() -> None:
    with pytest.raises(UsageError, match="no calibration data"):
        quantize(b"", graph(DType.FLOAT32, DType.FLOAT32), Calibration())
    with pytest.raises(UsageError, match="both"):
        quantize(b"", graph(DType.FLOAT32, DType.FLOAT32), Calibration("x.npz", random=True))


class Notes:
    """A progress that keeps notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def stage(self, name: str, detail: str = "") -> None: ...

    def advance(self, done: int, total: int) -> None: ...

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_calibration_for_an_int8_model_is_mentioned() -> None:
    told = Notes()
    quantize(b"", graph(DType.INT8, DType.INT8), Calibration("x.npz"), told)
    assert told.notes == ["the model is not a float one, so the calibration data is not used"]


def test_impossible_thresholds_are_refused_before_any_work(tmp_path: Path) -> None:
    request = DeployRequest(
        write_model(graph(DType.INT8, DType.INT8).replace(operators=(Operator("QUANTIZE", (0,), (1,)),))),
        load_board("host"),
        tmp_path / "out",
        thresholds=Thresholds(min_accuracy=0.5),
    )
    with pytest.raises(UsageError, match="no test data"):
        deploy(request)
    data = EvaluationData(Dataset((np.zeros((2, 2), np.int8),), None, "here"))
    with pytest.raises(DataError, match="no labels"):
        deploy(replace(request, evaluation=data, thresholds=Thresholds(max_accuracy_drop=0.1)))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("board", "place", "message"),
    [
        ("nucleo_l4r5zi", Place(simulator="qemu"), "cannot be simulated with qemu"),
        ("sim-m4", Place(simulator="renode"), "cannot be simulated with renode"),
        ("mps2_an386", Place(port="loop://", simulator="qemu"), "both a device"),
    ],
)
def test_a_place_that_cannot_be_is_refused_before_any_work(
    board: str, place: Place, message: str, tmp_path: Path
) -> None:
    request = DeployRequest(b"never read", load_board(board), tmp_path / "out", place=place)
    with pytest.raises(UsageError, match=message):
        deploy(request)
    assert not (tmp_path / "out").exists()


SIZED = Graph(
    "sized",
    (
        Tensor("x", (1, 4, 2), DType.INT8, QuantParams.per_tensor(0.5, 0)),
        Tensor("shape", (2,), DType.INT32),
        Tensor("y", (2, 4), DType.INT8, QuantParams.per_tensor(0.5, 0)),
    ),
    (Operator("RESHAPE", (0, 1), (2,), {}, 1),),
    (0, 1),
    (2,),
)
"""Its second input says what the file says too."""


@pytest.mark.parametrize("names", [("x",), ("x", "shape")])
def test_an_input_that_only_says_a_size_takes_no_data(names: tuple[str, ...], tmp_path: Path) -> None:
    """From reading the data to judging, all go by the same inputs, also where data has them all."""
    x = np.random.default_rng(0).integers(-128, 128, (5, 4, 2), dtype=np.int8)
    given = {"x": x, "shape": np.tile(np.array([2, 4], np.int32), (5, 1))}
    told = Notes()
    outcome = deploy(
        DeployRequest(
            write_model(SIZED),
            load_board("host"),
            out=tmp_path / "out",
            evaluation=EvaluationData(data={name: given[name] for name in names}),
        ),
        told,
    )
    assert isinstance(outcome, Outcome)
    assert (outcome.report.verdict, outcome.report.exactness.outputs) == ("pass", 5 * 8)
    assert any("input 'shape' only says a size" in note for note in told.notes)
