"""Random graphs over all of the runtime's table, and what comes of them: exact on a core, or refused by name.

By thousands, with lines for what fails, and the sums after each network:

    python tests/compiled/aot/random_graphs.py FIRST COUNT [BOARD]
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from draw_flow import flowing
from drawers import DRAWERS, GROWTHS
from exact import differences
from growing import ROWS, Growing, Row, Unfit
from native import Native, few_plans
from nets import drawn
from recurrent import side_by_side

from edgeq.backends.aot.generate import generate
from edgeq.backends.project.budget import Budget, Optimize
from edgeq.backends.project.project import Project
from edgeq.base.errors import ModelError
from edgeq.boards import load_board
from edgeq.builder import build
from edgeq.checker import Checked, CheckFailed, check
from edgeq.graph import DType, Graph, write_model
from edgeq.graph.flow import FLOW
from edgeq.graph.variables import keeps_state
from edgeq.interpreter import judged, run, sample_shape
from edgeq.interpreter.child import InterpreterError
from edgeq.interpreter.oracle import usual_oracle
from edgeq.targets import open_target
from edgeq.targets.link import Client

CORES = ("sim-m4", "sim-m0", "sim-m3", "sim-m33", "mps3_an547")
OPTIMIZE: tuple[Optimize, ...] = ("auto", "speed", "ram", "size")
SAMPLES = 6
BATCH = 8
"""Graphs that are one network, which is built once."""


_BY_ROWS = {
    *("CONV_2D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D", "MAX_POOL_2D", "ADD", "SUB", "MUL", "CONCATENATION"),
    *("RELU", "RELU6", "LEAKY_RELU", "HARD_SWISH", "TANH", "PAD"),
}
"""Operators that run by rows, on the way of a picture."""


def random_graph(seed: int) -> Growing:
    """Three to a dozen operators, one after another and beside each other, with outputs anywhere.

    Some begin with a picture, their only input, which may come by rows.
    """
    net = Growing(seed, DRAWERS, GROWTHS)
    made: list[int] = []
    if picture := net.often(0.15):
        net.most_inputs = 1
        shape = (1, net.between(4, 20), net.between(1, 8), net.between(1, 6))
        made.append(net.input(shape, dtype=net.chance(DType.INT8, DType.INT8, DType.UINT8)))
    for _ in range(net.between(3, 12)):
        for _attempt in range(8):
            x = net.chance(*made[-1 if picture else -4 :]) if made and (picture or net.often(0.6)) else None
            row = _row(net, x, _BY_ROWS if picture and net.often(0.8) else None)
            if row is None:
                continue
            try:
                made += net.grow(row, x)
            except Unfit:
                continue
            break
    _outputs(net, made)
    return net


def _row(net: Growing, x: int | None, opcodes: Collection[str] | None = None) -> Row | None:
    rows = [row for row in ROWS if opcodes is None or row.opcode in opcodes]
    if x is None:
        return net.chance(*rows)
    dtype, rank = net.tensors[x].dtype, len(net.tensors[x].shape)
    fits = [r for r in rows if r.dtype is dtype and r.support.ranks[0] <= rank <= r.support.ranks[1]]
    return net.chance(*fits) if fits else None


def _outputs(net: Growing, made: Sequence[int]) -> None:
    """What nobody reads, and some of the others; sometimes an input, or an output twice."""
    read = {i for op in net.operators for i in op.inputs}
    results = [i for i in made if net.tensors[i].data is None and i not in net.inputs]
    net.outputs = [i for i in results if i not in read or net.often(0.2)] or results[-1:]
    if net.often(0.05):
        net.outputs += net.inputs[:1]
    if net.often(0.03):
        net.outputs += net.outputs[:1]
    if net.often(0.2):
        net.outputs = [net.outputs[i] for i in net.random.permutation(len(net.outputs))]
    if not net.inputs:
        net.input((1, 3))


@dataclass
class Tally:
    """What came of graphs: how many of each, which operators there were, and what failed."""

    counts: Counter[str] = field(default_factory=Counter)
    operators: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Tally:
        self.counts += other.counts
        self.operators += other.operators
        self.failures += other.failures
        return self

    def failed(self, where: object, error: BaseException) -> None:
        self.counts["failed"] += 1
        self.failures.append(f"{where}: {type(error).__name__}: {str(error)[:400]}")


def checked(seed: int, tally: Tally) -> Checked | None:
    """A random graph's model, or None where the check refuses it, by name."""
    net = random_graph(seed)
    graph = net.graph().replace(keeps_real_ends=bool(seed % 2))
    tally.counts["operators refused"] += len(net.refusals)
    assert all(finding.opcode and finding.message and finding.hint for finding in net.refusals)
    file = flowing(net) if graph.keeps_real_ends and net.often(0.2) else None
    try:
        found = check(write_model(graph) if file is None else file, name=f"seed {seed}")
    except CheckFailed as error:
        tally.counts["refused"] += 1
        assert all(f.message and f.hint for f in error.findings if f.severity == "error")
        return None
    if file is not None:
        _is_folded(file, found, tally)
    if (keeps_state(found.graph) or net.initials) and not usual_oracle("aot").suits(found.graph):
        tally.counts["without a judge"] += 1  # oracle.py: a state forbids to judge in parts
        return None
    kinds = [(op.opcode, found.graph[op.inputs[0]].dtype) for op in found.graph.operators if op.inputs]
    tally.operators.update(f"{opcode} of {dtype.value}" for opcode, dtype in kinds)
    return found


def _is_folded(file: bytes, found: Checked, tally: Tally) -> None:
    """What a file gives that has control flow, its form without gives as well."""
    assert not FLOW & {op.opcode for op in found.graph.operators}
    if not usual_oracle("aot").suits(found.graph):
        tally.counts["control flow without a judge"] += 1
        return
    inputs = inputs_of(found.graph)
    try:
        expected = run(file, inputs)
    except InterpreterError:
        tally.counts["control flow that the interpreter refuses"] += 1
        return
    wrong = differences(found.graph, expected, run(found.model, inputs))
    assert wrong == [], f"{wrong} once control flow was folded"
    tally.counts["control flow folded"] += 1


def inputs_of(graph: Graph, seed: int = 1) -> list[np.ndarray]:
    """Samples over all of each type: both ends, every byte where there is room, and chance."""
    random = np.random.default_rng(seed)
    arrays = []
    for place, tensor in enumerate(graph.input_tensors):
        x = drawn(random, (SAMPLES, *sample_shape(tensor.shape)), tensor.dtype)
        if x.dtype.kind in "iu":
            ends = np.iinfo(x.dtype).min, np.iinfo(x.dtype).max
            x[0], x[1] = ends if place % 2 else ends[::-1]
            if x.itemsize == 1:
                x[2] = np.resize(np.arange(ends[0], ends[1] + 1), x[2].shape)
        arrays.append(x)
    return arrays


def holds(found: Sequence[Checked], board: str, budget: Budget, folder: Path) -> None:
    """Models beside each other in one network give the oracle's bytes, here or on a simulated core."""
    one = found[0]
    if len(found) > 1:
        beside = side_by_side([model.graph for model in found]).replace(keeps_real_ends=True)
        one = check(write_model(beside), name="many")
    inputs, begins = inputs_of(one.graph), np.arange(SAMPLES) % 3 == 0
    expected = judged("aot", one.model, inputs, begins if keeps_state(one.graph) else None).outputs
    project = generate(one, load_board(board), budget=budget)
    if board == "host":
        results = Native(project, folder).run(inputs, begins)
    else:
        results = on_core(project, one.graph, inputs, begins, folder)
    wrong = differences(one.graph, expected, results)
    assert wrong == [], f"{wrong} on {board} with {budget}"


def on_core(
    project: Project, graph: Graph, inputs: Sequence[np.ndarray], begins: np.ndarray, folder: Path
) -> list[np.ndarray]:
    """The outputs of firmware on a simulated core, [samples, elements] each."""
    project.write(folder / "project")
    image = build(folder / "project", warnings_are_errors=True)
    with open_target(image) as target:
        target.flash(image)
        client = Client(target.open())
        client.handshake()
        samples = [[x[i].tobytes() for x in inputs] for i in range(SAMPLES)]
        answers = dict(client.infer_all(samples, begins.tolist()))
    return [
        np.stack([np.frombuffer(answers[i].outputs[place], tensor.dtype.numpy) for i in range(SAMPLES)])
        for place, tensor in enumerate(graph.output_tensors)
    ]


def hold_all(seeds: Sequence[int], board: str = "host") -> Tally:
    """Graphs in one network, and each for itself where that fails: what came of them."""
    tally, found = Tally(), {}
    for seed in seeds:
        try:
            model = checked(seed, tally)
        except Exception as error:  # any is a failure
            tally.failed(f"seed {seed}", error)
        else:
            found |= {} if model is None else {seed: model}
    budget = Budget(OPTIMIZE[seeds[0] // BATCH % len(OPTIMIZE)])
    with few_plans():
        for state in (False, True):  # what keeps one is judged as a whole
            some = {seed: model for seed, model in found.items() if keeps_state(model.graph) is state}
            if some:
                _hold_together(some, board, budget, tally)
    return tally


def _hold_together(found: Mapping[int, Checked], board: str, budget: Budget, tally: Tally) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            holds([*found.values()], board, budget, Path(folder))
        except Exception as error:  # any is a failure, of one of them or of them together
            if len(found) == 1 and isinstance(error, InterpreterError):
                tally.counts["interpreter crashed"] += 1
            elif len(found) == 1:
                tally.failed(f"seed {next(iter(found))} with {budget.optimize} on {board}", error)
            else:
                before = tally.counts["failed"], tally.counts["interpreter crashed"]
                for seed, model in found.items():
                    _hold_together({seed: model}, board, budget, tally)
                if before == (tally.counts["failed"], tally.counts["interpreter crashed"]):
                    tally.failed(f"seeds {[*found]} together with {budget.optimize} on {board}", error)
            return
    tally.counts[f"exact on {board}"] += len(found)
    _hold_by_rows(found, board, tally)


def _hold_by_rows(found: Mapping[int, Checked], board: str, tally: Tally) -> None:
    """Once more with an input that comes row by row, where one of them can have it so."""
    for seed, model in found.items():
        (first, *others) = model.graph.input_tensors
        if others or len(first.shape) != 4:
            continue
        budget = Budget("ram", input="rows")
        try:
            generate(model, load_board(board), budget=budget)
        except ModelError as error:
            assert error.hint
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                holds([model], board, budget, Path(folder))
            except Exception as error:  # any is a failure
                tally.failed(f"seed {seed} by rows on {board}", error)
            else:
                tally.counts["exact by rows"] += 1
        return


def _main(first: int, count: int, board: str = "host") -> None:
    total = Tally()
    for begin in range(first, first + count, BATCH):
        seeds = range(begin, min(begin + BATCH, first + count))
        try:
            with ProcessPoolExecutor(1) as apart:  # C that crashes ends that process alone
                some = apart.submit(hold_all, seeds, board).result()
        except BrokenProcessPool as error:
            some = Tally()
            some.failed(f"{seeds} on {board}", error)
        total += some
        for line in some.failures:
            sys.stdout.write(f"{line}\n")
        kinds = f"{len(total.operators)} of {len(ROWS)} forms and types"
        sys.stdout.write(f"to {seeds[-1]}: {dict(total.counts)}; {kinds}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
