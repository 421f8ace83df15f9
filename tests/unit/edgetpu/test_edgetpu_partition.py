"""The partition: dependencies decide, and the first delegated set wins."""

from __future__ import annotations

from edgeq.edgetpu.partition import partition

from .edgetpu_models import wired


def supported(graph_opcodes: list[str]) -> list[bool]:
    return [opcode != "ABS" for opcode in graph_opcodes]


def mapped(*operators: tuple[str, list[int], int]) -> set[int]:
    graph = wired(*operators)
    return set(partition(graph, supported([op.opcode for op in graph.operators])).mapped)


def test_all_of_a_supported_chain() -> None:
    assert mapped(("RELU", [0], 1), ("TANH", [1], 2)) == {0, 1}


def test_nothing_behind_an_unsupported_operator() -> None:
    assert mapped(("RELU", [0], 1), ("ABS", [1], 2), ("TANH", [2], 3)) == {0}


def test_a_branch_that_does_not_need_it_still_maps_though_it_comes_later() -> None:
    assert mapped(("RELU", [0], 1), ("ABS", [1], 2), ("TANH", [1], 3), ("ADD", [2, 3], 4)) == {0, 2}


def test_a_model_that_starts_on_the_cpu() -> None:
    assert mapped(("ABS", [0], 1), ("RELU", [1], 2), ("ABS", [2], 3), ("RELU", [3], 4)) == {1}


def test_the_first_set_wins_even_where_it_is_small() -> None:
    """The first operator is supported: it alone is the first set, since the rest waits for the CPU."""
    chain = [("RELU", [0], 1), ("ABS", [0], 2), ("RELU", [2], 3), ("RELU", [3], 4), ("ADD", [4, 1], 5)]
    assert mapped(*chain) == {0}


def test_leading_cpu_operators_run_before_the_first_delegated_set() -> None:
    """Begun by the CPU, the first set takes every CPU operator that is ready; the chip's set follows."""
    chain = [("ABS", [0], 1), ("RELU", [0], 2), ("ABS", [1], 3), ("ADD", [3, 2], 4)]
    assert mapped(*chain) == {1, 3}


def test_nothing_supported() -> None:
    assert mapped(("ABS", [0], 1)) == set()
    assert partition(wired(("ABS", [0], 1)).replace(operators=()), []).mapped == frozenset()


def test_blockers_are_the_nearest_unsupported_operators() -> None:
    graph = wired(("RELU", [0], 1), ("ABS", [1], 2), ("ABS", [2], 3), ("TANH", [3], 4), ("RELU", [4], 5))
    taken = partition(graph, supported([op.opcode for op in graph.operators]))
    assert taken.blockers == ((), (), (), (2,), (2,))


def test_a_long_model_takes_no_time() -> None:
    graph = wired(*[("ABS" if i % 2 else "RELU", [i], i + 1) for i in range(20_000)])
    assert partition(graph, [i % 2 == 0 for i in range(20_000)]).mapped == {0}
