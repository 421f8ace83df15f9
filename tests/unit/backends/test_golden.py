"""The golden vector: firmware replays it at boot and says whether it computes what the oracle does."""

from __future__ import annotations

import re
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "compiled" / "aot"))
from nets import Net

import edgeq
from edgeq.backends.aot import generate
from edgeq.backends.project.golden import golden_vector
from edgeq.boards import load_board
from edgeq.checker import Checked, check
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, write_model
from edgeq.interpreter import run
from edgeq.targets.link import Client
from edgeq.verbs.folders import SERIAL_LOG

EXACT, WRONG = "m-[golden vector exact]", "e-[golden vector: other outputs than the oracle's]"


def random_net(seed: int) -> Checked:
    """Inputs of random sizes and types, a chain behind each, all of them outputs."""
    net, random = Net(seed, "golden"), np.random.default_rng(seed)
    for _ in range(int(random.integers(1, 4))):
        shape = (1, *random.integers(1, 12, 2).tolist())
        scale, zero = net.quant()
        if random.integers(2):
            x = net.input(shape, (scale, zero + 128), dtype=DType.UINT8)
            x = net.op("QUANTIZE", (x,), shape, (scale, zero))
        else:
            x = net.input(shape, (scale, zero))
        net.op("RELU", (x,), shape, (scale, zero), output=True)
    return check(write_model(net.graph()), name="golden")


def fed(source: str, graph: Graph) -> list[np.ndarray]:
    """The inputs as the C in ``source`` writes them: each pattern's bytes repeat to the input's end."""
    found = re.findall(r"pattern_\d+\[\d+\] = \{(.*?)\}", source, re.DOTALL)
    bytes_of = [np.array(re.findall(r"\d+", text), np.uint8) for text in found]
    return [
        np.resize(data, t.elements).view(t.dtype.numpy).reshape(t.shape)
        for data, t in zip(bytes_of, graph.input_tensors, strict=True)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_what_the_c_holds_is_the_oracles(seed: int) -> None:
    checked = random_net(seed)
    golden = golden_vector(checked)
    assert golden is not None
    made = generate(checked, load_board("host"), golden)
    source = made.files["src/common/edgeq_golden.c"].decode()
    outputs = run(checked.model, fed(source, checked.graph))
    checksum = zlib.crc32(b"".join(one.tobytes() for one in outputs))
    assert f"#define OUTPUTS_CRC {checksum}u" in source
    assert made.manifest["golden"] == golden.oracle
    assert golden == golden_vector(checked)


def saturating() -> bytes:
    """SOFTMAX of large scores: over the whole range of inputs it gives ones and zeros only."""
    net = Net(3, "saturating")
    x = net.input((1, 16), (1.0, 0))
    net.op("SOFTMAX", (x,), (1, 16), (1 / 256, -128), output=True, beta=1.0)
    return write_model(net.graph())


def test_of_several_candidates_the_most_telling() -> None:
    checked = check(saturating(), name="saturating")
    golden = golden_vector(checked)
    assert golden is not None
    source = generate(checked, load_board("host"), golden).files["src/common/edgeq_golden.c"].decode()
    (output,) = run(checked.model, fed(source, checked.graph))
    noise = np.random.default_rng(0).integers(-128, 128, (1, 16), np.int8)
    assert len(np.unique(output)) > len(np.unique(run(checked.model, [noise])[0]))


def test_of_a_model_that_keeps_a_state_it_is_the_beginning() -> None:
    """Whatever candidate is taken, nothing has run before it."""
    quant = QuantParams.per_tensor(0.05, 0)
    feature, time = np.array([[99, 7], [-8, 88]], np.int8), np.full((2, 3), 300, np.int16)
    tensors = (
        Tensor("x", (1, 2), DType.INT8, quant),
        Tensor("feature", (2, 2), DType.INT8, QuantParams.per_tensor(0.01, 0), feature),
        Tensor("time", (2, 3), DType.INT16, QuantParams.per_tensor(0.002, 0), time),
        Tensor("bias", (2,), DType.INT32, QuantParams.per_tensor(1e-6, 0), np.zeros(2, np.int32)),
        Tensor("state", (1, 6), DType.INT16, QuantParams.per_tensor(0.0005, 0), is_variable=True),
        Tensor("y", (1, 2), DType.INT8, quant),
    )
    svdf = Operator("SVDF", (0, 1, 2, 3, 4), (5,), {"rank": 1, "fused_activation_function": "RELU"}, 3)
    model = write_model(Graph("memory", tensors, (svdf,), (0,), (5,)))
    vector = golden_vector(check(model, name="memory"))
    assert vector is not None
    (count, values), *_ = vector.patterns
    x = np.array([int(number) for number in values.replace(",", " ").split()], np.uint8).view(np.int8)
    assert count == x.size
    assert vector.checksum == zlib.crc32(run(model, [x[None]])[0].tobytes())


def said(folder: Path) -> str:
    """What the device said there; bulk mode's bytes are none of it."""
    return (folder / SERIAL_LOG).read_bytes().decode("ascii", "replace")


def test_at_boot(tmp_path: Path) -> None:
    """As the firmware is, with a weight changed after generating, and without the vector."""
    net = Net(7, "dense")
    x, w = net.input((1, 8)), net.constant((4, 8), (0.02, 0))
    net.op(
        "FULLY_CONNECTED", (x, w, -1), (1, 4), (0.2, 3), output=True,
        fused_activation_function="NONE", weights_format="DEFAULT",
    )  # fmt: skip
    model = write_model(net.graph())
    report = edgeq.deploy(model, board="host", out=tmp_path / "o", samples=1)
    assert report.verdict == "pass"
    assert EXACT in said(tmp_path / "o")
    weights = tmp_path / "o/project/src/network/edgeq_weights.c"
    text = weights.read_text()
    head, brace, numbers = text.rpartition("edgeq_op00_fully_connected_weights[")[0:3]
    assert head
    weights.write_text(head + brace + re.sub(r"(-?\d+), (-?\d+), (-?\d+),", r"\2, \1, \3,", numbers, count=1))
    edgeq.build(tmp_path / "o/project")
    assert edgeq.run(tmp_path / "o", samples=1).verdict == "fail"
    assert WRONG in said(tmp_path / "o/project")
    without = edgeq.generate(model, board="host", out=tmp_path / "none", golden=False)
    assert "src/common/edgeq_golden.c" not in without.files
    assert without.manifest["golden"] is None


class Replaying:
    """A device that is busy with its golden vector for a while, and then tells its name."""

    def __init__(self, asked: int) -> None:
        self.asked, self.said = asked, b"m-[edgeq starts]\r\nm-[golden vector]\r\n"

    def write(self, data: bytes) -> None:
        if data == b"name%":
            self.asked -= 1
            if self.asked == 0:
                self.said += b"m-[golden vector exact]\r\nm-ready\r\nm-name-dut-[edgeq]\r\nm-ready\r\n"

    def read(self, size: int, timeout: float) -> bytes:
        data, self.said = self.said[:size], self.said[size:]
        return data

    def close(self) -> None:
        pass


def test_a_long_replay_is_waited_for() -> None:
    client = Client(Replaying(12), timeout=0.01, retries=2)
    assert client._finder.find() == "edgeq"
    with pytest.raises(edgeq.EdgeqError, match="did not answer"):
        Client(Replaying(10**9), timeout=0.01, retries=2, run_timeout=0.3)._finder.find()
