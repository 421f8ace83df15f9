"""Measures a profile: one inference in a simulator that tells what runs, parted at the network's calls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import BuildError, UsageError
from edgeq.judge.profile.layers import Buffer, Layer, Profile

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.targets.simulators import Executed

INVOKE = "edgeq_runtime_invoke"
"""The function that calls one kernel after another."""


def measure(image: Image, *, seed: int = 0) -> Profile:
    """The profile of an image, by its second inference on random inputs.

    Args:
        image: for a board whose simulator ``tells_what_runs``.
        seed: of the inputs.

    Raises:
        UsageError: the project's runtime calls no kernels one by one.
        DeviceError: the firmware does not run.
    """
    manifest: Mapping[str, Any] = json.loads((image.project / "edgeq.json").read_bytes())
    steps = manifest.get("steps")
    if not isinstance(steps, list):
        raise UsageError(
            f"{image.project} does not say which kernels its network calls",
            "generate the project again with edgeq's own runtime (--runtime aot)",
        )
    executed = _run(image, seed)
    parts = _by_step(executed, calls_of(image), len(steps))
    timing = image.board.instruction_timing
    buffers = tuple(Buffer(**buffer) for buffer in manifest["buffers"])
    whole = _sum(executed)
    return Profile(
        model=manifest["model"]["name"],
        board=image.board.id,
        runtime=manifest["runtime"],
        toolchain=image.toolchain,
        timings=None if timing is None else timing.source,
        instructions=whole[0],
        cycles_estimated=whole[1],
        arena=image.sizes.arena,
        layers=tuple(
            _layer(step, place, part, whole, buffers)
            for place, (step, part) in enumerate(zip(steps, parts, strict=True))
        ),
        buffers=buffers,
    )


_Cost = tuple[int, int | None]
"""Instructions, and estimated cycles."""


def _layer(
    step: Mapping[str, Any], place: int, cost: _Cost, whole: _Cost, buffers: Sequence[Buffer]
) -> Layer:
    share = cost[0] / whole[0] if cost[1] is None or whole[1] is None else cost[1] / whole[1]
    return Layer(
        **step,
        live=_live(buffers, place),
        instructions=cost[0],
        cycles_estimated=cost[1],
        share=share,
    )


def _live(buffers: Sequence[Buffer], place: int) -> int:
    """The bytes in use while a layer runs; those that two buffers share count once."""
    end = total = 0
    for buffer in sorted(buffers, key=lambda buffer: buffer.offset):
        if buffer.first <= place <= buffer.last:
            total += max(0, buffer.offset + buffer.size - max(end, buffer.offset))
            end = max(end, buffer.offset + buffer.size)
    return total


def _run(image: Image, seed: int) -> tuple[Executed, ...]:
    """Each part of the second inference, from one entry into a block of the invoking function to the next."""
    import numpy as np

    from edgeq.targets import open_target
    from edgeq.targets.link import Client
    from edgeq.targets.simulators import SimulatedTarget

    chance = np.random.default_rng(seed)
    with open_target(image) as target:
        assert isinstance(target, SimulatedTarget)  # noqa: S101 - the caller's part
        target.watch(INVOKE)
        target.flash(image)
        with Client(target.open(), diagnosis=target.diagnosis) as client:
            device = client.handshake(image.model_sha256, image.build_hash)
            given = [chance.integers(0, 256, size, np.uint8).tobytes() for size in device.inputs]
            for _ in range(2):
                client.infer(given, measure=True)
        return target.executed()


def calls_of(image: Image) -> tuple[int, ...]:
    """Where the invoking function calls, in its order, which is that of the steps."""
    from edgeq.boards.timing.thumb import Kind
    from edgeq.builder.code import read_code

    code = read_code(image.elf)
    return tuple(
        address for address, _, one in code.function(INVOKE) if one.kind in (Kind.CALL, Kind.CALL_REGISTER)
    )


def _by_step(executed: Sequence[Executed], calls: Sequence[int], steps: int) -> list[_Cost]:
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


def _sum(executed: Sequence[Executed]) -> _Cost:
    cycles = [one.cycles for one in executed]
    known = [one for one in cycles if one is not None]
    return sum(one.instructions for one in executed), sum(known) if len(known) == len(cycles) else None
