"""Measures a profile: in a simulator that tells what runs, or by firmware that counts single steps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import BuildError, UsageError
from edgeq.base.progress import SILENT, Progress
from edgeq.judge.profile.layers import Buffer, Layer, Profile
from edgeq.targets import USUAL_PLACE, Place, open_target
from edgeq.targets.link import Client
from edgeq.targets.simulators import SimulatedTarget

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.judge.report.layers import Layers
    from edgeq.targets import Target
    from edgeq.targets.link import DeviceInfo
    from edgeq.targets.simulators import Executed

INVOKE = "edgeq_runtime_invoke"
"""The function that calls one kernel after another."""


def measure(
    image: Image, place: Place = USUAL_PLACE, *, seed: int = 0, progress: Progress = SILENT
) -> Profile:
    """The profile of an image, by an inference on random inputs that is not the first.

    A simulator that tells what runs is asked for it. Elsewhere the firmware counts each step in an inference
    of its own, for which it has to be generated ``stepwise``.

    Raises:
        UsageError: the project's runtime calls no kernels one by one, or the board counts nothing.
        DeviceError: the firmware does not run.
    """
    manifest = _manifest(image)
    steps = manifest.get("steps")
    if not isinstance(steps, list):
        raise UsageError(
            f"{image.project} does not say which kernels its network calls",
            "generate the project again with edgeq's own runtime (--runtime aot)",
        )
    with open_target(image, place, progress=progress) as target:
        if isinstance(target, SimulatedTarget) and target.tells_what_runs:
            whole, parts = _traced(target, image, len(steps), seed)
        else:
            whole, parts = _counted(target, image, len(steps), seed, progress)
    buffers = _buffers(manifest)
    timing = None if whole.cycles_estimated is None else image.board.instruction_timing
    return Profile(
        model=manifest["model"]["name"],
        board=image.board.id,
        runtime=manifest["runtime"],
        toolchain=image.toolchain,
        timings=None if timing is None else timing.source,
        **asdict(whole),
        arena=image.sizes.arena,
        layers=_layers(steps, buffers, whole, parts),
        buffers=buffers,
    )


def layers_of(target: Target, image: Image) -> Layers | None:
    """What each layer took of the inference that the target has counted last.

    Returns:
        None where the target does not tell what was executed, or layers cannot be told apart: ``INVOKE`` was
        not watched, the runtime calls no kernels one by one, or a compiler has put two calls in one.
    """
    from edgeq.judge.report.layers import Layers

    manifest = _manifest(image)
    steps = manifest.get("steps")
    executed = target.executed() if isinstance(target, SimulatedTarget) else ()
    if not isinstance(steps, list) or not steps or not executed:
        return None
    try:
        parts = _by_step(executed, calls_of(image), len(steps))
    except BuildError:
        return None
    buffers = _buffers(manifest)
    layers = _layers(steps, buffers, _sum(executed), parts)
    told = tuple(map(asdict, layers)), image.sizes.arena, tuple(map(asdict, buffers))
    return Layers(*told)


def _manifest(image: Image) -> Mapping[str, Any]:
    manifest: Mapping[str, Any] = json.loads((image.project / "edgeq.json").read_bytes())
    return manifest


def _buffers(manifest: Mapping[str, Any]) -> tuple[Buffer, ...]:
    return tuple(Buffer(**buffer) for buffer in manifest["buffers"])


def _layers(
    steps: Sequence[Mapping[str, Any]], buffers: Sequence[Buffer], whole: Cost, parts: Sequence[Cost]
) -> tuple[Layer, ...]:
    return tuple(
        Layer(**step, live=_live(buffers, number), **asdict(part), share=part.known / max(whole.known, 1))
        for number, (step, part) in enumerate(zip(steps, parts, strict=True))
    )


def inference(image: Image, place: Place = USUAL_PLACE, *, seed: int = 0) -> Cost:
    """What an inference on random inputs costs, that is not the first.

    Raises:
        ToolMissingError: the simulator is not installed.
        DeviceError: the firmware does not run.
    """
    with open_target(image, place) as target:
        if isinstance(target, SimulatedTarget) and target.tells_what_runs:
            return _traced(target, image, 0, seed)[0]
        return _counted(target, image, 0, seed, SILENT)[0]


@dataclass(frozen=True)
class Cost:
    """Of a step, or of an inference: what is known of it.

    Attributes:
        instructions: executed; None on hardware.
        cycles: counted on hardware; None in a simulator.
        cycles_estimated: None where the core has no timings, or nothing tells what was executed.
    """

    instructions: int | None = None
    cycles: int | None = None
    cycles_estimated: int | None = None

    @property
    def known(self) -> int:
        """What shares are of."""
        told = (self.cycles, self.cycles_estimated, self.instructions)
        return next(one for one in told if one is not None)


_Costs = tuple[Cost, "list[Cost]"]
"""Of the whole inference, and of each step."""


def _traced(target: SimulatedTarget, image: Image, steps: int, seed: int) -> _Costs:
    """By what a simulator executed, parted at the calls of the invoking function."""
    target.watch(INVOKE)
    with _running(target, image) as (client, device):
        for _ in range(2):
            client.infer(_inputs(device, seed), measure=True, begin=True)
    executed = target.executed()
    return _sum(executed), _by_step(executed, calls_of(image), steps) if steps else []


def _counted(target: Target, image: Image, steps: int, seed: int, progress: Progress) -> _Costs:
    """By the firmware's counter, a step in each inference."""
    with _running(target, image) as (client, device):
        counted = (device.counter_unit == "cycles" and "cycles") or "instructions"
        if device.counter_unit == "none":
            raise UsageError(f"{image.board.id} counts nothing", "profile on a simulated board")
        given, costs = _inputs(device, seed), []
        client.infer(given, measure=True, begin=True)
        for step in (None, *range(steps)):
            count = client.infer(given, measure=True, begin=True, step=step).count
            costs.append(Cost(**{counted: count}))
            progress.advance(len(costs), steps + 1)
    return costs[0], costs[1:]


@contextmanager
def _running(target: Target, image: Image) -> Iterator[tuple[Client, DeviceInfo]]:
    target.flash(image)
    with Client(target.open(), diagnosis=target.diagnosis) as client:
        yield client, client.handshake(image.model_sha256, image.build_hash)


def _inputs(device: DeviceInfo, seed: int) -> list[bytes]:
    import numpy as np

    chance = np.random.default_rng(seed)
    return [chance.integers(0, 256, size, np.uint8).tobytes() for size in device.inputs]


def _live(buffers: Sequence[Buffer], place: int) -> int:
    """The bytes in use while a layer runs; those that two buffers share count once."""
    end = total = 0
    for buffer in sorted(buffers, key=lambda buffer: buffer.offset):
        if buffer.first <= place <= buffer.last:
            total += max(0, buffer.offset + buffer.size - max(end, buffer.offset))
            end = max(end, buffer.offset + buffer.size)
    return total


def calls_of(image: Image) -> tuple[int, ...]:
    """Where the invoking function calls, in its order, which is that of the steps."""
    from edgeq.boards.timing.thumb import Kind
    from edgeq.builder.code import read_code

    code = read_code(image.elf)
    return tuple(
        address for address, _, one in code.function(INVOKE) if one.kind in (Kind.CALL, Kind.CALL_REGISTER)
    )


def _by_step(executed: Sequence[Executed], calls: Sequence[int], steps: int) -> list[Cost]:
    """What each step costs: from the block that prepares its call until its return.

    Raises:
        BuildError: the function does not call once for each step.
    """
    if len(calls) != steps:
        raise BuildError(
            f"{INVOKE} has {len(calls)} calls for {steps} steps, so they cannot be told apart",
            "build the project with edgeq's own flags",
        )
    parts: list[list[Executed]] = [[] for _ in range(steps)]
    for one in executed:
        place = sum(call < one.entry for call in calls) if one.entry is not None else steps
        if place < steps:
            parts[place].append(one)
    return [_sum(part) for part in parts]


def _sum(executed: Sequence[Executed]) -> Cost:
    cycles = [one.cycles for one in executed]
    known = [one for one in cycles if one is not None]
    return Cost(
        instructions=sum(one.instructions for one in executed),
        cycles_estimated=sum(known) if len(known) == len(cycles) else None,
    )
