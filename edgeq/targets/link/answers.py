"""What answers say, looked at before it is believed."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from edgeq.base.errors import DeviceError
from edgeq.targets.link.framing import Frame, Kind, Status
from edgeq.targets.link.profile import DeviceInfo

COST = struct.Struct("<2Q")
"""Of a run: count and microseconds."""


@dataclass(frozen=True)
class Inference:
    """What one inference gave.

    Attributes:
        outputs: the bytes of each output.
        count: in the device's counter unit; None when not measured.
        micros: elapsed on the device.
    """

    outputs: list[bytes]
    count: int | None
    micros: int


def fits(info: DeviceInfo) -> bool:
    """Whether all outputs come with an inference's answer."""
    return COST.size + sum(info.outputs) < info.chunk


def inference(info: DeviceInfo, answer: Frame) -> Inference:
    """What the answer to INFER says. Raises DeviceError when it cannot be."""
    payload = checked(Kind.INFER, answer).payload
    if len(payload) != COST.size + sum(info.outputs):
        raise nonsense(f"INFER with {len(payload)} bytes, not {COST.size + sum(info.outputs)}")
    _, micros = COST.unpack_from(payload)
    outputs, at = [], COST.size
    for size in info.outputs:
        outputs.append(payload[at : at + size])
        at += size
    return Inference(outputs, None, micros)


def same_sizes(info: DeviceInfo, inputs: Sequence[bytes]) -> None:
    """Raises DeviceError when the device's inputs are others."""
    sizes = tuple(len(data) for data in inputs)
    if sizes != info.inputs:
        raise DeviceError(f"the device takes inputs of {info.inputs} bytes, not of {sizes}")


def checked(kind: Kind, answer: Frame) -> Frame:
    """The answer, if it says that all went well. Raises DeviceError when it does not."""
    if answer.index == Status.OK:
        return answer
    if answer.index == Status.RUN_FAILED:
        what = "run the model" if kind in (Kind.RUN, Kind.INFER) else "start"
        raise DeviceError(
            f"the runtime on the device failed to {what}", "build the project again and flash it"
        )
    raise nonsense(f"status {answer.index}")


def unpack(form: struct.Struct, answer: Frame, what: str) -> tuple[int, ...]:
    """The payload's numbers. Raises DeviceError when it has another length."""
    if len(answer.payload) != form.size:
        raise nonsense(f"{what} with {len(answer.payload)} bytes, not {form.size}")
    return form.unpack(answer.payload)


def nonsense(what: str) -> DeviceError:
    """What came whole, and cannot be: no bad line does that."""
    return DeviceError(
        f"the device answered {what}",
        "its firmware is not this edgeq's: build the project again and flash it",
    )
