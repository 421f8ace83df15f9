"""int16 operators at scales from 1e-7 to 30: what the check lets through is the oracle's, bit by bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exact import differences, extremes, holds_here
from native import Native, compiled_graph
from nets import Net, activations
from wide import CONV, UNIT, Wide

from edgeq.checker import check, examine
from edgeq.graph import DType, QuantParams, write_model
from edgeq.interpreter import run

BIASES = ((DType.INT64, "INT64"), (DType.INT64, "FLOAT32"), (DType.INT32, "INT32"))
ALONE = (
    "RELU",
    "RELU6",
    "ABS",
    "LEAKY_RELU",
    "QUANTIZE",
    "GELU",
    "EXP",
    "LOG",
    "LOGISTIC",
    "TANH",
    "SOFTMAX",
)


def drawn(net: Wide, low: float = 1e-7) -> tuple[float, int]:
    return net.scale(low, 30), 0


def product(net: Wide) -> None:
    """Biases from nothing to what fills 32 bits."""
    dense = bool(net.random.integers(2))
    x = net.input((1, 2, 9) if dense else (1, 3, 4, 2), drawn(net))
    w = net.weights((4, 9) if dense else (3, 2, 2, 2), 0, per_channel=bool(net.random.integers(2)))
    dtype, told = BIASES[int(net.random.integers(3))]
    b = net.bias(x, w, dtype, float(net.random.choice([10, 1e6, 2e9])))
    options = {"quantized_bias_type": told, "fused_activation_function": activations(net.random)}
    if dense:
        net.op(
            "FULLY_CONNECTED", [x, w, b], (1, 2, 4), drawn(net), output=True, keep_num_dims=True, **options
        )
    else:
        net.op("CONV_2D", [x, w, b], (1, 3, 4, 3), drawn(net), output=True, **CONV, **options)


def pair(net: Wide) -> None:
    opcode = str(net.random.choice(["ADD", "SUB", "MUL"]))
    options = {} if opcode == "MUL" else {"pot_scale_int16": bool(net.random.integers(2))}
    inputs = [net.input((1, 40), drawn(net)) for _ in range(2)]
    act = activations(net.random)
    net.op(opcode, inputs, (1, 40), drawn(net), output=True, fused_activation_function=act, **options)


def alone(net: Wide) -> None:
    opcode = str(net.random.choice(ALONE))
    options: dict[str, float | bool] = {}
    if opcode == "LEAKY_RELU":
        options["alpha"] = float(np.float32(net.random.uniform(-3, 3)))
    if opcode == "GELU":
        options["approximate"] = bool(net.random.integers(2))
    if opcode == "SOFTMAX":
        options["beta"] = 1.0
    quant = UNIT if opcode in ("LOGISTIC", "TANH", "SOFTMAX") else drawn(net)
    net.op(opcode, [net.input((1, 60), drawn(net))], (1, 60), quant, output=True, **options)


def between(net: Wide) -> None:
    narrow = (drawn(net, 1e-4)[0], int(net.random.integers(-128, 128)))
    if net.random.integers(2):
        x = net.input((1, 60), narrow, dtype=DType.INT8)
        net.op("QUANTIZE", [x], (1, 60), drawn(net), output=True)
    else:
        x = net.input((1, 60), drawn(net))
        net.op("QUANTIZE", [x], (1, 60), narrow, dtype=DType.INT8, output=True)


def mean(net: Wide) -> None:
    x = net.input((1, 3, 5, 4), drawn(net))
    net.op("MEAN", [x, net.ints([1, 2])], (1, 4), drawn(net), output=True, keep_dims=False)


def accepted(net: Wide, grow: Callable[[Wide], None]) -> int:
    """Adds an operator, and takes it away again where the check refuses it; gives how many it added."""
    before = list(net.tensors), list(net.operators), list(net.inputs), list(net.outputs)
    grow(net)
    if any(finding.severity == "error" for finding in examine(net.graph())):
        net.tensors, net.operators, net.inputs, net.outputs = before
        return 0
    return 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_any_scale_that_the_check_lets_through(seed: int, tmp_path: Path) -> None:
    net = Wide(seed)
    taken = sum(accepted(net, grow) for _ in range(10) for grow in (product, pair, alone, between, mean))
    assert taken > 35
    holds_here(net, tmp_path, boards=("host", "sim-m4"))


def test_zeros_need_no_scale(tmp_path: Path) -> None:
    """TensorFlow gives a constant of zeros the scale 0, and what is multiplied by it next to none."""
    net = Net(11, "unrolled", DType.INT16)
    x, given = net.input([1, 24], (2**-15, 0)), net.input([1, 24], (2**-15, 0))
    kept = net.tensor([1, 24], data=np.zeros((1, 24), np.int16))
    net.tensors[kept] = replace(net.tensors[kept], quant=QuantParams.per_tensor(0.0, 0))
    cell = net.op("MUL", [x, kept], [1, 24], (4e-43, 0), fused_activation_function="NONE")
    net.op("ADD", [cell, given], [1, 24], (3e-5, 0), output=True, fused_activation_function="NONE")
    found = check(write_model(net.graph()), name="unrolled")
    inputs = extremes(net)
    expected = run(found.model, inputs)
    for board in ("host", "sim-m4"):
        project = compiled_graph(found.graph, found.model, board)
        assert differences(found.graph, expected, Native(project, tmp_path / board).run(inputs)) == []
