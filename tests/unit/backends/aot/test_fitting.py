"""The fastest steps that fit a board's memory, and in which order they run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeq.backends.aot.fitting import Fitted, fit
from edgeq.backends.aot.passes import prepare
from edgeq.backends.aot.plan import needs
from edgeq.backends.aot.schedule import schedule
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.backends.project.budget import Budget, Optimize
from edgeq.boards import Board, load_board
from edgeq.boards.model import Region
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, load_model

TILES = "winograd"


def with_ram(board: Board, arena: int) -> Board:
    """A board with room for an arena, 4 KB for firmware, and its stack."""
    assert board.ram is not None
    size = -(-(arena + board.stack + 4096) // 1024) * 1024
    return board.model_copy(update={"ram": Region(address=board.ram.address, size=size)})


def fitted(shared: Path, board: Board, optimize: Optimize = "auto", **reserve: int) -> Fitted:
    model, graph = load_model(shared / "models" / "mlperf_tiny" / "ic_int8.tflite")
    return fit(prepare(model, graph, Target(board.core)), board, Budget(optimize, **reserve))


def by_tiles(found: Fitted) -> dict[int, object]:
    return {s.operator: s.params["blocks"] for s in found.steps if TILES in s.kernel}


def test_where_there_is_room_the_fastest(shared: Path) -> None:
    found = fitted(shared, load_board("sim-m4"))
    assert by_tiles(found) == {1: 2, 2: 2, 5: 1, 9: 1}
    assert found.faster is None
    assert found.plan.arena <= 44 * 1000


def one_layer() -> Graph:
    """A 3x3 convolution of 16 tiles."""
    rng = np.random.default_rng(0)
    weights = rng.integers(-127, 128, (8, 3, 3, 16)).astype(np.int8)
    tensors = (
        Tensor("x", (1, 16, 16, 16), DType.INT8, QuantParams.per_tensor(1.0, 0)),
        Tensor("w", weights.shape, DType.INT8, QuantParams.per_tensor(0.001, 0), weights),
        Tensor("y", (1, 16, 16, 8), DType.INT8, QuantParams.per_tensor(1.0, 0)),
    )
    options = {"padding": "SAME", **dict.fromkeys(("stride_h", "stride_w"), 1)}
    options |= dict.fromkeys(("dilation_h_factor", "dilation_w_factor"), 1)
    return Graph("one", tensors, (Operator("CONV_2D", (0, 1), (2,), options),), (0,), (2,))


def test_in_less_ram_less_scratch() -> None:
    graph, m4 = one_layer(), load_board("sim-m4")
    lowerable = prepare(b"", graph, Target(m4.core, stored=False))
    found = {}
    for room, blocks in ((20 * 1024, 2), (18 * 1024, 1), (12 * 1024, None)):
        found[room] = fit(lowerable, with_ram(m4, room), Budget())
        assert found[room].steps[0].params.get("blocks") == blocks
        assert found[room].plan.arena <= room
        reserved = fit(lowerable, with_ram(m4, 32 * 1024), Budget(reserve_ram=32 * 1024 - room))
        assert reserved.steps[0].kernel == found[room].steps[0].kernel
        assert reserved.plan.arena == found[room].plan.arena
    most, less, least = (one.plan.arena for one in found.values())
    assert most > less > least
    assert [one.faster for one in found.values()] == [None, most, less]


@pytest.mark.parametrize("name", ["sim-m3", "sim-m4", "sim-m0plus"])
def test_filters_are_stored_transformed_where_there_is_flash(name: str, shared: Path) -> None:
    """At eight times their flash; with less the kernels transform them, or none is by tiles."""

    def within(room: int, optimize: Optimize = "auto") -> Fitted:
        return fitted(shared, load_board(name), optimize, reserve_flash=1024 * 1024 - room * 1024)

    def stored(found: Fitted) -> list[object]:
        return [s.params["stored"] for s in found.steps if TILES in s.kernel]

    assert stored(within(600)) == [1, 1, 1, 1]
    less = within(200)
    assert stored(less) == stored(within(200, "speed")) == [0, 0, 0, 0]
    if name == "sim-m4":
        assert [s.operator for s in less.steps[4:7]] == [4, 6, 5]  # the shortcut first: its input dies
    assert stored(within(100)) == []


@pytest.mark.parametrize("reserve", [{"reserve_flash": 1024 * 1024 - 110 * 1024}])
def test_in_less_flash_no_large_kernel(shared: Path, reserve: dict[str, int]) -> None:
    assert by_tiles(fitted(shared, load_board("sim-m4"), **reserve)) == {}


def test_for_size_no_large_kernel_and_for_speed_whatever_it_needs(shared: Path) -> None:
    board = with_ram(load_board("sim-m4"), 30 * 1024)
    assert by_tiles(fitted(shared, board, "size")) == {}
    assert by_tiles(fitted(shared, board, "speed")) == {1: 2, 2: 2, 5: 1, 9: 1}


def test_where_whole_layers_do_not_fit_they_run_by_rows(shared: Path) -> None:
    found = fitted(shared, with_ram(load_board("sim-m4"), 20 * 1024))
    assert found.segments
    assert found.plan.arena <= 20 * 1024 < (found.faster or 0)


def test_where_nothing_fits_nothing_is_given_up(shared: Path) -> None:
    found = fitted(shared, with_ram(load_board("sim-m4"), 8 * 1024))
    assert found.segments == ()
    assert by_tiles(found) == {1: 2, 2: 2, 5: 1, 9: 1}
    assert found.faster is None


def test_kernels_that_save_little_are_left_out(shared: Path) -> None:
    """kws's fully connected layer is a plain one; vww's two convolutions without halfwords are rows."""
    board = load_board("sim-m4")
    halfwords, rows = "edgeq_conv_halfwords_dsp_s8", "edgeq_fully_connected_dsp_s8"
    plain = "edgeq_fully_connected_plain_s8"
    for name, kernels in (("kws", {halfwords, plain}), ("vww", {halfwords, rows})):
        model, graph = load_model(shared / "models" / "mlperf_tiny" / f"{name}_int8.tflite")
        found = fit(prepare(model, graph, Target(board.core)), board, Budget())
        assert {s.kernel for s in found.steps if s.macs and "depthwise" not in s.kernel} == kernels


def step(number: int, reads: tuple[int, ...], writes: int) -> Step:
    return Step(number, "", "kernel", "params", {}, reads, (writes,), ())


def test_an_order_with_a_lower_peak() -> None:
    """A step that frees much goes first, where nothing between reads what it writes."""
    sizes = (100, 10, 90, 10, 10)
    tensors = tuple(Tensor(f"t{i}", (n,), DType.INT8) for i, n in enumerate(sizes))
    graph = Graph("g", tensors, (), (0,), (4,))
    steps = (step(0, (0,), 1), step(1, (1,), 2), step(2, (0,), 3), step(3, (2, 3), 4))
    found = schedule(graph, steps, {})
    assert [s.operator for s in found] == [0, 2, 1, 3]
    assert max(needs(graph, found, {})) < max(needs(graph, steps, {}))
    assert schedule(graph, found, {}) == found


def test_an_alias_keeps_its_place() -> None:
    """Steps that read what another wrote under another name do not pass it."""
    tensors = tuple(Tensor(f"t{i}", (n,), DType.INT8) for i, n in enumerate((50, 50, 50, 1)))
    graph = Graph("g", tensors, (), (0,), (3,))
    steps = (step(0, (0,), 1), step(1, (2,), 3))
    assert schedule(graph, steps, {2: 1}) == steps
