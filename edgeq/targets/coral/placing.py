"""Which device runs which part of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edgeq.base.errors import DeviceError, UsageError
from edgeq.targets.coral.destination import Destination
from edgeq.targets.coral.host import Host
from edgeq.targets.coral.session import Stage


def placed(stages: Sequence[Stage], device: str, host: Host, destination: Destination) -> tuple[Stage, ...]:
    """The stages, those for an Edge TPU with a device each.

    Args:
        stages: in the order in which they run.
        device: what the user says: names as the delegate has them, with commas between; empty for any.
        host: what is there.
        destination: where.

    Raises:
        UsageError: another number of devices is named than is needed.
        DeviceError: there are fewer than are needed.
    """
    wanted = sum(stage.delegate for stage in stages)
    named = tuple(device.split(",")) if device else ()
    if named and len(named) != wanted:
        raise UsageError(
            f"Edge TPUs are named: {device}, and {wanted} would run",
            "name as many as there are parts for them, with commas between; or none",
        )
    free = iter(named or (host.devices if wanted > 1 else ("",)))
    if not named and wanted > max(1, len(host.devices)):
        raise DeviceError(
            f"{wanted} Edge TPUs are needed, one a part, and {destination.name} has {len(host.devices)}",
            "compile for as many segments as there are devices; or name one device several times "
            "(edgetpu.device in edgeq.toml, as usb:0,usb:0), which then takes turns",
        )
    return tuple(replace(stage, device=next(free)) if stage.delegate else stage for stage in stages)
