"""Models that keep a state, from the file to the simulated board: every byte over sequences with resets."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from edgeq.backends.aot.generate import generate
from edgeq.boards import load_board
from edgeq.builder import build
from edgeq.checker import check, examine
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.interpreter import run
from edgeq.targets import open_target
from edgeq.targets.link import Client

sys.path.insert(0, str(Path(__file__).parents[1] / "compiled" / "aot"))
from nets import Net
from recurrent import ONCE, beginnings, samples


def keyword_stream(seed: int = 5) -> Graph:
    """A frame at a time: convolved with the two before it, remembered by an SVDF, classified.

    The frames before are a resource variable, the memory is the SVDF's.
    """
    net, random = Net(seed, "stream"), np.random.default_rng(seed)
    x = net.input((1, 1, 1, 20), (0.05, -10))
    handle = net.tensor((), dtype=DType.RESOURCE, name="frames")
    net.operators += [ONCE, Operator("VAR_HANDLE", (), (handle,), {"shared_name": "frames"})]
    before = net.op("READ_VARIABLE", (handle,), (1, 2, 1, 20), (0.05, -10))
    options = {"axis": 1, "fused_activation_function": "NONE"}
    three = net.op("CONCATENATION", (before, x), (1, 3, 1, 20), (0.05, -10), **options)
    places = net.ints([0, 1, 0, 0]), net.ints([1, 2, 1, 20])
    kept = net.op("SLICE", (three, *places), (1, 2, 1, 20), (0.05, -10))
    net.operators.append(Operator("ASSIGN_VARIABLE", (handle, kept), ()))
    bias = net.tensor((16,), (0.05 * 0.004, 0), data=np.arange(16, dtype=np.int32) * 50, dtype=DType.INT32)
    conv = net.op(
        "CONV_2D", (three, net.constant((16, 3, 1, 20), (0.004, 0)), bias), (1, 1, 1, 16), (0.04, -128),
        padding="VALID", stride_w=1, stride_h=1, dilation_w_factor=1, dilation_h_factor=1,
        fused_activation_function="RELU",
    )  # fmt: skip
    flat = net.op("RESHAPE", (conv, net.ints([1, 16])), (1, 16), (0.04, -128), new_shape=(1, 16))
    features = net.constant((12, 16), (0.005, 0))
    values = random.integers(-512, 513, (12, 8)).astype(np.int16)
    times = net.tensor((12, 8), (0.002, 0), data=values, dtype=DType.INT16)
    state = len(net.tensors)
    quant = QuantParams.per_tensor(0.0003, 0)
    net.tensors.append(Tensor("memory", (1, 96), DType.INT16, quant, is_variable=True))
    operands = flat, features, times, -1, state
    found = net.op("SVDF", operands, (1, 6), (0.03, 5), rank=2, fused_activation_function="RELU")
    scores = net.op("FULLY_CONNECTED", (found, net.constant((3, 6), (0.01, 0)), -1), (1, 3), (0.1, 0))
    net.op("SOFTMAX", (scores,), (1, 3), (1 / 256, -128), output=True, beta=1.0)
    silence = np.full((1, 2, 1, 20), -10, np.int8)
    first = Tensor("silence", silence.shape, DType.INT8, QuantParams.per_tensor(0.05, -10), silence)
    return net.graph().replace(initials={("", "frames"): first})


def quieter(graph: Graph, count: int) -> list[np.ndarray]:
    """Noise over a smaller part of its range from sample to sample, and again: whole noise saturates most."""
    found = []
    for tensor, x in zip(graph.input_tensors, samples(graph, count), strict=True):
        zero = 0 if tensor.quant is None else tensor.quant.zero_point
        parts = 2.0 ** -(np.arange(count) % 7).reshape(-1, *[1] * (x.ndim - 1))
        found.append(np.rint(zero + parts * (x - float(zero))).astype(x.dtype))
    return found


def holds_on_the_board(model: bytes, count: int, folder: Path, board: str = "sim-m4") -> None:
    checked = check(model, name="stateful")
    inputs, begins = quieter(checked.graph, count), beginnings(count)
    expected = run(model, inputs, begins=begins)
    generate(checked, load_board(board)).write(folder / "p")
    image = build(folder / "p", warnings_are_errors=True)
    with open_target(image) as target:
        target.flash(image)
        client = Client(target.open())
        assert client.handshake().state
        for i in range(count):
            found = client.infer([x[i].tobytes() for x in inputs], begin=bool(begins[i])).outputs
            assert found == [np.asarray(wanted[i]).tobytes() for wanted in expected], i
    assert len({wanted.tobytes() for wanted in expected[0]}) > 1


def test_a_keyword_stream_on_the_board(tmp_path: Path) -> None:
    graph = keyword_stream()
    assert [f.message for f in examine(graph) if f.severity == "error"] == []
    holds_on_the_board(write_model(graph), 25, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), [("okay_nabu", 60), ("micro_speech_lstm", 8)])
def test_public_models_on_the_board(name: str, count: int, shared: Path, tmp_path: Path) -> None:
    path = shared / "cases/models" / f"{name}.tflite"
    if not path.is_file():
        pytest.skip(f"no case {path}")
    holds_on_the_board(path.read_bytes(), count, tmp_path)
