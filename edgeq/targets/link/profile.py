"""What a device says about itself, checked: whatever stands in a profile, only sensible values get in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edgeq.base.errors import DeviceError
from edgeq.targets.link.framing import CHUNK, LINK_VERSION

_LARGEST = 2**32 - 1
_PAIR = re.compile(r"(\w+)=(\S*)")
_NUMBER = re.compile(r"[0-9]{1,10}")
_SHOWN = 200
_OTHERS = "flash the project's build, or choose another port"
_AGAIN = "generate and build the firmware again with this edgeq, and flash it"


@dataclass(frozen=True)
class DeviceInfo:
    """What a device says about itself.

    Attributes:
        name: of the firmware.
        model_name: the name that the official runner sees.
        model_hash, build_hash: the first 16 hexadecimal digits.
        runtime: "aot", …
        link_version: of the bulk mode.
        counter_unit: "instructions", "cycles" or "none".
        hz: the core's clock, None where it is not known.
        arena, stack_size, stack_high_water: bytes; the last two None where they are not known.
        chunk: the most payload bytes that the device takes in a frame.
        inputs, outputs: bytes of each.
        state: bytes that the model keeps between inferences.
        buffer: bytes that it takes in while it is busy.
    """

    name: str
    model_name: str
    model_hash: str
    build_hash: str
    runtime: str
    link_version: int
    counter_unit: str
    hz: int | None
    arena: int
    stack_size: int | None
    stack_high_water: int | None
    chunk: int
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    state: int = 0
    buffer: int = 0


def parse_profile(name: str, profile: str, model: str) -> DeviceInfo:
    """A profile as ``profile%`` tells it.

    Raises:
        DeviceError: it is not edgeq's, of another version of the link, or has a value that cannot be.
    """
    pairs = dict(_PAIR.findall(profile))
    if not profile.startswith("edgeq ") or "link" not in pairs:
        raise DeviceError(
            f"the device does not run firmware of edgeq: its profile is [{profile[:_SHOWN]}]", _OTHERS
        )
    version = _number(pairs, "link")
    if version == 0:
        raise DeviceError(
            "the device speaks text alone, and edgeq needs frames",
            "its firmware was made with --link text: generate it with --link full to run it from here",
        )
    if version != LINK_VERSION:
        raise DeviceError(
            f"the device speaks link version {version}, this edgeq speaks {LINK_VERSION}", _AGAIN
        )
    return DeviceInfo(
        name=name,
        model_name=model,
        model_hash=_text(pairs, "model"),
        build_hash=_text(pairs, "build"),
        runtime=_text(pairs, "runtime"),
        link_version=version,
        counter_unit=_text(pairs, "counter"),
        hz=_number(pairs, "hz") or None,
        arena=_number(pairs, "arena"),
        stack_size=_number(pairs, "stack") or None,
        stack_high_water=None,
        chunk=min(max(_number(pairs, "chunk"), 1), CHUNK),
        buffer=_number(pairs, "buffer"),
    )


def _text(pairs: dict[str, str], key: str) -> str:
    if not pairs.get(key):
        raise DeviceError(f"the device's profile has no {key}", _AGAIN)
    return pairs[key]


def _number(pairs: dict[str, str], key: str) -> int:
    text = _text(pairs, key)
    if not _NUMBER.fullmatch(text) or int(text) > _LARGEST:
        raise DeviceError(
            f"the device's profile has {key}={text[:_SHOWN]}, which is no number of 32 bits", _AGAIN
        )
    return int(text)
