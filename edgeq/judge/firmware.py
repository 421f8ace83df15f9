"""The judgement: every sample on the device, against the oracle and the labels."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from edgeq.backends.project.features import FEATURES
from edgeq.base.errors import DataError, DeviceError
from edgeq.base.progress import SILENT, Progress
from edgeq.data import quantize_input
from edgeq.interpreter import Answers, judged
from edgeq.judge.data_checks import Evidence, check_data
from edgeq.judge.exactness import compare
from edgeq.judge.journal import Journal, identity_of
from edgeq.judge.report.findings import finding
from edgeq.judge.report.judgement import Judgement
from edgeq.judge.report.latency import Cycles, Instructions, Latency, Spread
from edgeq.judge.report.line import Line
from edgeq.judge.report.memory import Stack
from edgeq.judge.report.preprocessing import Preprocessed
from edgeq.judge.scores import answers, scores

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.checker import Checked, Finding
    from edgeq.data import Dataset
    from edgeq.graph import Graph, Tensor
    from edgeq.judge.float_model import FloatAnswers
    from edgeq.targets.link import Client, DeviceInfo, Inference, Quality

Array = npt.NDArray[np.generic]

_Cost = tuple[int, int | None]
"""Of one inference: what the device counted, and its estimated cycles."""

REAL_WARM = 50
"""Counted inferences after the first on a real core, whose cycles vary: they go one after another, and
are run anew where a run is taken up again."""

CLOCK_SPAN = 1.0
"""Seconds over which the device's clock is compared with the host's, at least."""


def judge(
    checked: Checked,
    image: Image,
    client: Client,
    data: Dataset,
    *,
    warm: int = 3,
    floats: FloatAnswers | None = None,
    real: bool = False,
    estimated: Callable[[], int | None] | None = None,
    journal: Journal | None = None,
    progress: Progress = SILENT,
) -> Judgement:
    """Runs every sample on the device and in the oracle of its runtime.

    The first inference and the ``warm`` ones after it are counted, on a real core up to ``REAL_WARM``; the
    others run at full speed.

    Args:
        checked: the model.
        image: the firmware that the device must be running.
        client: the link to it.
        data: the samples, at least one, and their labels if any.
        warm: how many inferences after the first are counted at least.
        floats: what ``float_answers`` found.
        real: whether it is a real core, whose cycles take time: its clock is compared with the host's.
        estimated: gives the estimated cycles of the inference that was counted last (``Target``'s).
        journal: where answers are kept as they come, and taken from where some are there. A model that keeps
            something between inferences has none: its answers hang together.
        progress: hears how many samples are done.

    Raises:
        DeviceError: it runs something else, is silent, faults, or answers the same input differently.
        DataError: the samples or labels do not suit the model.
        ModelError: every oracle of the runtime refuses the model.
    """
    if len(data) == 0:
        raise DataError(f"{data.source} has no samples", "give at least one")
    device = client.handshake(checked.sha256, image.build_hash)
    clocked = real and device.counter_unit == "cycles"
    start = client.clock() if clocked else None
    met = client.quality.resyncs
    tensors = checked.graph.input_tensors
    inputs = [quantize_input(x, tensor) for x, tensor in zip(data.x, tensors, strict=True)]
    taken = _taken(inputs, data, checked.graph, image)
    _same_tensors(device, checked.graph, [x[0].nbytes for x in taken])
    right = judged(checked.runtime, checked.model, inputs, data.begins)
    expected = right.outputs
    raw, costs = _run_all(
        client,
        taken,
        data.begins,
        checked.graph,
        max(warm, min(REAL_WARM, len(inputs[0]) - 1)) if clocked else warm,
        estimated=estimated or (lambda: None),
        journal=None if device.state else journal,
        identity=(checked.sha256, image.build_hash),
        progress=progress,
    )
    got = [mine.reshape(theirs.shape) for mine, theirs in zip(raw, expected, strict=True)]
    expected, got = data.apart(expected), data.apart(got)
    device = client.info()
    if start is not None and client.quality.resyncs != met:  # it may have started anew, and its clock with it
        start = client.clock()
    drift = _drift(client, start)
    shares, regression = scores(checked.graph, data, expected, got, floats)
    evidence = Evidence(
        checked.graph, data, expected, got, shares, regression, None if floats is None else floats.divided
    )
    return Judgement(
        accuracy=shares,
        exactness=compare(right.oracle, expected, got, checked.graph),
        latency=_latency(device, costs, drift, image, clocked=clocked),
        stack=_stack(device),
        findings=(
            *_instead(right),
            *_faster(image),
            *check_data(evidence),
        ),
        regression=regression,
        preprocessing=Preprocessed.of(checked.graph, data.preprocessing),
        line=_line(client.quality, journal),
        answers=answers(checked.graph, data, got),
    )


def _instead(right: Answers) -> tuple[Finding, ...]:
    """Why the runtime's first oracle did not judge."""
    return tuple(
        finding("oracle", "info", f"{refusal}; so {right.oracle} judged", "") for refusal in right.refusals
    )


def _latency(
    device: DeviceInfo, costs: Sequence[_Cost], drift: float | None, image: Image, *, clocked: bool
) -> Latency:
    cost = _cost(device, costs, drift, clocked=clocked)
    spread = None if cost is None else Spread.of([count for count, _ in costs[1:]])
    return Latency(cost, _macs(image), spread)


def _line(quality: Quality, journal: Journal | None) -> Line:
    trip = quality.round_trip
    counts = asdict(quality)
    del counts["round_trip"]
    resumed = 0 if journal is None else journal.resumed
    return Line(**counts, round_trip_ms=None if trip is None else round(trip * 1000, 3), resumed=resumed)


def _cost(
    device: DeviceInfo, costs: Sequence[_Cost], drift: float | None, *, clocked: bool
) -> Instructions | Cycles | None:
    """By what the device counts; cycles are those of a real core only."""
    if len(costs) < 2:
        return None
    first, warm = costs[0], sorted(costs[1:], key=lambda cost: cost[0])[(len(costs) - 2) // 2]
    if device.counter_unit == "instructions":
        return Instructions(first[0], *warm)
    return Cycles(first[0], warm[0], device.hz, drift) if clocked else None


def _stack(device: DeviceInfo) -> Stack | None:
    used, size = device.stack_high_water, device.stack_size
    return None if used is None or size is None else Stack(used, size)


def _drift(client: Client, start: tuple[int, float] | None) -> float | None:
    """By which share the device's clock is faster than the host's; None where it was not read."""
    if start is None:
        return None
    time.sleep(max(0.0, start[1] + CLOCK_SPAN - time.monotonic()))
    end = client.clock()
    if end is None:
        return None
    return (end[0] - start[0]) / 1e6 / (end[1] - start[1]) - 1


def _run_all(
    client: Client,
    inputs: Sequence[Array],
    begins: npt.NDArray[np.bool_],
    graph: Graph,
    warm: int,
    *,
    estimated: Callable[[], int | None],
    journal: Journal | None,
    identity: tuple[str, str],
    progress: Progress,
) -> tuple[list[Array], list[_Cost]]:
    """All outputs, ``[n, elements]`` each; the costs of the first ``1 + warm`` inferences if there are any.

    With fewer samples than that, the first ones run again, and must answer as before. What the model keeps is
    reset before those that ``begins`` names, of which the first is one.
    """
    n = len(inputs[0])
    runs = max(n, 1 + warm)
    results: list[list[Array]] = [[] for _ in range(n)]
    costs: list[_Cost] = []

    def sample(i: int) -> list[bytes]:
        return [np.ascontiguousarray(x[i % n]).tobytes() for x in inputs]

    def keep(i: int, answer: Inference) -> None:
        result = _decode(answer.outputs, graph)
        if journal is not None and i < n and i not in known:
            journal.keep(i, answer.outputs)
        if not results[i % n]:
            results[i % n] = result
        elif any(not np.array_equal(a, b) for a, b in zip(result, results[i % n], strict=True)):
            raise DeviceError(
                f"the device gave two different answers to sample {i % n}",
                "look at memory and power: an inference is deterministic",
            )

    known: dict[int, list[bytes]] = {}
    if journal is not None:
        sizes = [tensor.elements * tensor.dtype.numpy.itemsize for tensor in graph.output_tensors]
        known = journal.begin(identity_of(*identity, (b"".join(sample(i)) for i in range(n))), sizes)
        for i, outputs in known.items():
            results[i] = _decode(outputs, graph)
    for i in range(1 + warm):
        answer = client.infer(sample(i), measure=True, begin=bool(begins[i % n]))
        if answer.count is not None:
            costs.append((answer.count, estimated()))
        keep(i, answer)
        progress.advance(i + 1, runs)
    others = [i for i in range(1 + warm, n) if i not in known]
    many = client.infer_all([sample(i) for i in others], [bool(begins[i]) for i in others])
    for done, (place, answer) in enumerate(many):
        keep(others[place], answer)
        progress.advance(runs - len(others) + done + 1, runs)
    return [np.stack(outputs) for outputs in zip(*results, strict=True)], costs


def _decode(given: Sequence[bytes], graph: Graph) -> list[Array]:
    wanted = [tensor.elements * tensor.dtype.numpy.itemsize for tensor in graph.output_tensors]
    got = [len(data) for data in given]
    if got != wanted:
        raise DeviceError(
            f"the device answered with outputs of {got} bytes, the model has {wanted}",
            "generate and build the project again",
        )
    return [
        np.frombuffer(data, tensor.dtype.numpy.newbyteorder("<"))
        for data, tensor in zip(given, graph.output_tensors, strict=True)
    ]


def made_there(image: Image) -> frozenset[int]:
    """The inputs that the firmware makes of raw samples itself, by position."""
    return frozenset(one["input"] for one in _manifest(image).get(FEATURES, []))


def _taken(inputs: Sequence[Array], data: Dataset, graph: Graph, image: Image) -> list[Array]:
    """What the device takes for each input: raw samples where its firmware makes the input of them.

    Raises:
        DataError: the data has no raw samples for it.
    """
    taken = list(inputs)
    for index in made_there(image):
        raw = data.raw[index] if data.raw else None
        if raw is None:
            tensor = graph.input_tensors[index]
            step = tensor.preprocessing
            form = "" if step is None else f" {step.forms[0]}"
            raise DataError(
                f"the firmware makes input '{tensor.name}' of raw samples{form}, and {data.source} has none",
                "give raw samples",
            )
        taken[index] = raw
    return taken


def _same_tensors(device: DeviceInfo, graph: Graph, taken: Sequence[int]) -> None:
    def sizes(tensors: Sequence[Tensor]) -> tuple[int, ...]:
        return tuple(t.elements * t.dtype.numpy.itemsize for t in tensors)

    wanted = tuple(taken), sizes(graph.output_tensors)
    if (device.inputs, device.outputs) != wanted:
        raise DeviceError(
            f"the device has inputs of {device.inputs} and outputs of {device.outputs} bytes, "
            f"the model {wanted[0]} and {wanted[1]}",
            "generate and build the project again",
        )


def _faster(image: Image) -> tuple[Finding, ...]:
    """What the next faster plan would need, where memory kept the network from it."""
    memory = _manifest(image).get("memory", {})
    if "faster" not in memory:
        return ()
    message = (
        f"slower kernels were chosen, which need less RAM: the next faster plan has an arena of "
        f"{memory['faster']:,} bytes, this one of {memory['arena']:,}"
    )
    hint = "reserve less (--reserve-ram), or take a board with more RAM"
    return (finding("memory", "info", message, hint),)


def _macs(image: Image) -> int | None:
    macs = _manifest(image).get("macs")
    return macs if isinstance(macs, int) else None


def _manifest(image: Image) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((image.project / "edgeq.json").read_bytes())
    return manifest
