"""3x3 convolutions by tiles, also where outputs lie over inputs: every byte the oracle's."""

from __future__ import annotations

from pathlib import Path

import pytest
from exact import holds_here, holds_on
from layers import ZERO, Layers

from edgeq.backends.aot.fitting import fit
from edgeq.backends.aot.passes import prepare
from edgeq.backends.aot.target import Target
from edgeq.backends.project.budget import Budget
from edgeq.boards import load_board
from edgeq.graph import write_model

KERNEL = "edgeq_conv_winograd_dsp_s8"


def nets() -> Layers:
    """Residual blocks, in which a convolution writes over its input; sizes that are no multiple of four."""
    net = Layers(2, "winograd")
    for height, width, channels in ((8, 8, 16), (16, 16, 8), (12, 32, 4)):
        shape = [1, height, width, channels]
        x = net.input(shape, (1.0, ZERO))
        y = net.layer("CONV_2D", x, shape, (3, 3), fused_activation_function="RELU")
        y = net.layer("CONV_2D", y, shape, (3, 3))
        net.op("ADD", [x, y], shape, (2.0, ZERO), output=True, fused_activation_function="RELU")
    for height, width, padding in ((9, 7, "SAME"), (9, 10, "VALID"), (5, 13, "SAME")):
        x = net.input([1, height, width, 12], (1.0, ZERO))
        less = 2 * (padding == "VALID")
        net.layer("CONV_2D", x, [1, height - less, width - less, 10], (3, 3), padding=padding, output=True)
    return net


def test_every_byte(tmp_path: Path) -> None:
    files = holds_here(nets(), tmp_path, boards=("sim-m4",))
    assert f"src/kernels/{KERNEL}_signed.c" in files


def test_outputs_lie_over_inputs() -> None:
    graph, board = nets().graph(), load_board("sim-m4")
    fitted = fit(prepare(write_model(graph), graph, Target(board.core)), board, Budget())
    over = [
        step
        for step in fitted.steps
        if step.kernel.startswith(KERNEL)
        and fitted.plan.offsets[step.inputs[0]] == fitted.plan.offsets[step.outputs[0]]
    ]
    assert over
    assert all(step.params["carry"] for step in over)


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m4", "sim-m33", "mps2_an386"])
def test_every_byte_on_a_core(board: str, tmp_path: Path) -> None:
    holds_on(board, nets(), tmp_path)
