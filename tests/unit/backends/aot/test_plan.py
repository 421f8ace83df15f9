"""The arena planner, held by a simulator of its own: bytes that know whose they are."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from arena import walk

from edgeq.backends.aot.ops import lower
from edgeq.backends.aot.passes import prepare
from edgeq.backends.aot.plan import plan
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.boards.cores import CORES
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, load_model

QUANT = QuantParams.per_tensor(0.5, 0)


def random_graph(seed: int) -> tuple[Graph, tuple[Step, ...], dict[int, int]]:
    """A random acyclic graph: branches, joins, aliases, unused tensors, several inputs and outputs."""
    chance = random.Random(seed)
    tensors: list[Tensor] = []

    def new(size: int) -> int:
        tensors.append(Tensor(f"t{len(tensors)}", (1, size), DType.INT8, QUANT))
        return len(tensors) - 1

    inputs = [new(chance.randint(1, 300)) for _ in range(chance.randint(1, 3))]
    alive = list(inputs)
    operators: list[Operator] = []
    steps: list[Step] = []
    aliases: dict[int, int] = {}
    for _ in range(chance.randint(1, 25)):
        recent = alive[-4:] if chance.random() < 0.8 else alive
        sources = tuple(chance.choice(recent) for _ in range(chance.randint(1, 2)))
        if chance.random() < 0.15:
            target = new(tensors[sources[0]].elements)
            aliases[target] = sources[0]
            operators.append(Operator("RESHAPE", sources[:1], (target,)))
        else:
            same = chance.random() < 0.5
            target = new(tensors[sources[0]].elements if same else chance.randint(1, 300))
            operators.append(Operator("CONV_2D", sources, (target,)))
            size = tensors[target].elements
            steps.append(
                Step(
                    operator=len(operators) - 1,
                    title="",
                    kernel="",
                    params_type="",
                    params={},
                    inputs=sources,
                    outputs=(target,),
                    sources=(),
                    scratch=4 * chance.randint(0, 30) if chance.random() < 0.5 else 0,
                    inplace=tuple(i for i, s in enumerate(sources) if tensors[s].elements == size)
                    if chance.random() < 0.7
                    else (),
                )
            )
        alive.append(target)
    outputs = sorted({alive[-1], *chance.sample(alive, chance.randint(0, min(2, len(alive))))})
    graph = Graph("random", tuple(tensors), tuple(operators), tuple(inputs), tuple(outputs))
    return graph, tuple(steps), aliases


def above_the_bound(seed: int) -> float:
    """A random graph's plan holds: its arena over the bound that no plan can go below."""
    graph, steps, aliases = random_graph(seed)
    found = plan(graph, steps, aliases)
    walk(graph, steps, aliases, found)
    assert found.lower_bound <= found.arena
    return found.arena / max(found.lower_bound, 64)


def test_a_few_random_graphs() -> None:
    assert max(above_the_bound(seed) for seed in range(6)) < 1.25


@pytest.mark.slow
def test_random_graphs() -> None:
    """Every plan holds, and nearly all are within 5 % of the bound that no plan can go below."""
    ratios = [above_the_bound(seed) for seed in range(100)]
    assert sum(ratio > 1.05 for ratio in ratios) <= 6
    assert max(ratios) < 1.25


def test_the_same_plan_every_time() -> None:
    for seed in range(8):
        graph, steps, aliases = random_graph(seed)
        assert plan(graph, steps, aliases) == plan(graph, steps, aliases)


@pytest.mark.parametrize(("name", "peak"), [("ad", 768), ("kws", 16_000), ("vww", 55_296), ("ic", 49_152)])
def test_models(name: str, peak: int, shared: Path) -> None:
    _, graph = load_model(shared / "models" / "mlperf_tiny" / f"{name}_int8.tflite")
    target = Target(CORES["native"])
    steps = lower(graph, target)
    aliases = {op.outputs[0]: op.inputs[0] for op in graph.operators if op.opcode == "RESHAPE"}
    assert prepare(b"", graph, target).aliases == aliases
    found = plan(graph, steps, aliases)
    walk(graph, steps, aliases, found)
    assert found.live_peak == peak
    assert found.arena <= 1.05 * (peak + found.scratch_peak)
    assert found.arena == found.lower_bound


def test_an_input_that_dies_is_written_over() -> None:
    tensors = tuple(Tensor(f"t{i}", (1, 64), DType.INT8, QUANT) for i in range(3))
    graph = Graph("g", tensors, (Operator("A", (0,), (1,)), Operator("B", (1,), (2,))), (0,), (2,))
    steps = tuple(Step(i, "", "", "", {}, (i,), (i + 1,), (), inplace=(0,)) for i in range(2))
    assert plan(graph, steps, {}).arena == 64


def test_an_output_that_is_read_later_is_not_written_over() -> None:
    tensors = tuple(Tensor(f"t{i}", (1, 64), DType.INT8, QUANT) for i in range(3))
    graph = Graph("g", tensors, (Operator("A", (0,), (1,)), Operator("B", (1,), (2,))), (0,), (1, 2))
    steps = tuple(Step(i, "", "", "", {}, (i,), (i + 1,), (), inplace=(0,)) for i in range(2))
    found = plan(graph, steps, {})
    assert found.arena == 128
    assert found.offsets[1] != found.offsets[2]


def test_scratch_takes_the_bytes_of_what_is_dead() -> None:
    tensors = tuple(Tensor(f"t{i}", (1, n), DType.INT8, QUANT) for i, n in enumerate((1000, 16, 16)))
    graph = Graph("g", tensors, (Operator("A", (0,), (1,)), Operator("B", (1,), (2,))), (0,), (2,))
    steps = (Step(0, "", "", "", {}, (0,), (1,), ()), Step(1, "", "", "", {}, (1,), (2,), (), scratch=900))
    assert plan(graph, steps, {}).arena == 1016


def test_alignment_gives_way_only_where_it_costs() -> None:
    tensors = tuple(Tensor(f"t{i}", (1, 20), DType.INT8, QUANT) for i in range(2))
    graph = Graph("g", tensors, (Operator("A", (0,), (1,)),), (0,), (1,))
    found = plan(graph, (Step(0, "", "", "", {}, (0,), (1,), ()),), {})
    assert found.arena == 40
    assert sorted(found.offsets.values()) == [0, 20]


def test_a_network_without_steps() -> None:
    tensors = tuple(Tensor(f"t{i}", (1, 20), DType.INT8, QUANT) for i in range(2))
    graph = Graph("g", tensors, (Operator("RESHAPE", (0,), (1,)),), (0,), (1,))
    found = plan(graph, (), {1: 0})
    assert found.offsets[0] == found.offsets[1]
    assert found.arena == 20
