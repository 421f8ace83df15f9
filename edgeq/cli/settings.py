"""From a verb's flags to settings and to what needs parsing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import UsageError

if TYPE_CHECKING:
    from edgeq.converter import InputStats
    from edgeq.verbs.convert import Calibration
    from edgeq.verbs.settings import Settings


def settings_from(flags: Mapping[str, Any]) -> Settings:
    """The settings of the working folder, with a verb's flags on top.

    Args:
        flags: by parameter name; None where not given. Names that are no setting are left alone.
    """
    from edgeq.verbs.settings import FLAG_NAMES, load_settings, parse_normalize, parse_share

    given = {name: value for name, value in flags.items() if name in FLAG_NAMES and value is not None}
    for name in ("min_accuracy", "max_accuracy_drop", "min_mapped"):
        if name in given:
            given[name] = parse_share(given[name], "--" + name.replace("_", "-"))
    if {"port", "sim"} <= given.keys():
        raise UsageError(
            f"--sim {given['sim']} asks for a simulation, and --port {given['port']} for a device",
            "leave one of them out",
        )
    if "normalize" in given:
        given["normalize"] = parse_normalize(given["normalize"])
    return load_settings().override(**given)


def given(flags: Mapping[str, Any]) -> frozenset[str]:
    """The names of the flags that were given."""
    return frozenset(name for name, value in flags.items() if value)


def calibration(settings: Settings, flags: Mapping[str, Any]) -> Calibration:
    """How a float model is calibrated: ``--random-calibration`` wins over a file's data, not a flag's."""
    from dataclasses import replace

    from edgeq.verbs import request

    return replace(
        request.calibration(settings, flags["calibration"], random=bool(flags["random_calibration"])),
        rewrite=bool(flags.get("rewrite")),
        input_stats=_input_stats(flags.get("input_stats") or ()),
        default_ranges=_default_ranges(flags.get("default_ranges")),
    )


def _input_stats(given: Sequence[str]) -> InputStats | None:
    """``MEAN,STD`` and ``NAME=MEAN,STD`` as (mean, std) by input name, ``""`` for all that are not named.

    Raises:
        UsageError: not two finite numbers, or twice for the same input.
    """
    found: dict[str, tuple[float, float]] = {}
    for text in given:
        name, _, pair = text.rpartition("=")
        if name in found:
            raise UsageError(f"--input-stats is there twice for {name or 'all inputs'}", "leave one out")
        found[name] = _pair("--input-stats", pair)
    return found or None


def _default_ranges(text: str | None) -> tuple[float, float] | None:
    """``MIN,MAX`` as numbers.

    Raises:
        UsageError: not two finite numbers in order around 0.
    """
    if text is None:
        return None
    low, high = _pair("--default-ranges", text)
    if not (low <= 0 <= high and low < high):
        raise UsageError(f"--default-ranges: {text!r} is no range around 0", "write it as -6,6")
    return low, high


def _pair(option: str, text: str) -> tuple[float, float]:
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"{option}: {text!r} is not two numbers", "write them as 127.5,127.5") from None
    if not (math.isfinite(first) and math.isfinite(second)):
        raise UsageError(f"{option}: {text!r} is not finite", "write two finite numbers")
    return first, second
