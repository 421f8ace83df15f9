"""Projects around TFLM of small networks, for the tests here."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from edgeq.backends.project.project import Project
from edgeq.backends.tflm.arena import Arena
from edgeq.backends.tflm.generate import generate
from edgeq.boards import load_board
from edgeq.checker import Checked, check
from edgeq.graph import DType, Operator, QuantParams, Tensor, write_model

sys.path.insert(0, str(Path(__file__).parents[3] / "compiled" / "aot"))
from nets import Net

ARENA = Arena(bytes=4096, smallest=4080, measured_on="sim-m4", kernels="cmsis_nn")


def layered() -> Net:
    """A convolution, a reshape and a softmax; the input's name is not to be trusted."""
    net = Net(1, "small")
    x = net.input((1, 8, 8, 4), (0.05, 3), name='in"put*/')
    scales = np.array([0.01, 0.02, 0.03], np.float32)
    weights = np.random.default_rng(0).integers(-127, 128, (3, 3, 3, 4)).astype(np.int8)
    net.tensors += [
        Tensor("w", (3, 3, 3, 4), DType.INT8, QuantParams(scales, np.zeros(3, np.int64), 0), weights),
        Tensor(
            "b",
            (3,),
            DType.INT32,
            QuantParams(scales * np.float32(0.05), np.zeros(3, np.int64), 0),
            np.array([10, -20, 30], np.int32),
        ),
    ]
    y = net.op(
        "CONV_2D", (x, 1, 2), (1, 8, 8, 3), (0.1, -128), padding="SAME", stride_w=1, stride_h=1,
        dilation_w_factor=1, dilation_h_factor=1, fused_activation_function="RELU",
    )  # fmt: skip
    z = net.op("RESHAPE", (y, net.ints([1, 192])), (1, 192), (0.1, -128), new_shape=(1, 192))
    net.op("SOFTMAX", (z,), (1, 192), (1 / 256, -128), output=True, beta=1.0)
    return net


def identity() -> Net:
    """What the stand-in's library computes: eight bytes as they are."""
    net = Net(2, "identity")
    x = net.input((1, 4, 2), (0.5, 1))
    net.op("RESHAPE", (x, net.ints([1, 8])), (1, 8), (0.5, 1), output=True, new_shape=(1, 8))
    return net


def delay() -> Net:
    """What the stand-in's library computes with a variable: the input before, and sevens at first."""
    net = Net(4, "delay")
    x = net.input((1, 8), (0.5, 1))
    handle = net.tensor((), dtype=DType.RESOURCE)
    net.operators.append(Operator("CALL_ONCE", (), (), {"init_subgraph_index": 1}))
    net.operators.append(Operator("VAR_HANDLE", (), (handle,), {"shared_name": "kept"}))
    before = net.op("READ_VARIABLE", (handle,), (1, 8), (0.5, 1))
    net.op("RESHAPE", (before, net.ints([1, 8])), (1, 8), (0.5, 1), output=True, new_shape=(1, 8))
    net.operators.append(Operator("ASSIGN_VARIABLE", (handle, x), ()))
    return net


def checked(net: Net) -> Checked:
    graph = net.graph()
    if net.name == "delay":
        sevens = Tensor(
            "sevens", (1, 8), DType.INT8, QuantParams.per_tensor(0.5, 1), np.full((1, 8), 7, np.int8)
        )
        graph = graph.replace(initials={("", "kept"): sevens})
    return check(write_model(graph), name=net.name, runtime="tflm")


def project(net: Net, board: str = "sim-m4", arena: Arena = ARENA) -> Project:
    return generate(checked(net), load_board(board), arena)
