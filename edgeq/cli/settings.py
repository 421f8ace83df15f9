"""From a verb's flags to settings and to what needs parsing."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from edgeq.base.errors import UsageError
from edgeq.verbs.options import SETTINGS, options_of

if TYPE_CHECKING:
    from edgeq.converter import InputStats
    from edgeq.verbs.calibration import Calibration
    from edgeq.verbs.settings import Settings


def settings_from(flags: Mapping[str, Any]) -> Settings:
    """The settings of the working folder, with a verb's flags on top.

    Args:
        flags: by parameter name; None where not given. Names that are no setting are left alone.
    """
    from edgeq.verbs.settings import load_settings

    return load_settings(flags={name: flags[name] for name in flags.keys() & SETTINGS.keys()})


def refuse_ignored(verb: str, typed: Collection[str], params: Mapping[str, Any]) -> None:
    """Refuse what the user typed and the verb would not use.

    Args:
        typed: the names of what stands on the command line.
        params: the values of all options and arguments, by name.

    Raises:
        UsageError: an option stands without what it needs, or beside what excludes it.
    """
    from edgeq.verbs import ignored

    rows = {row.name: row for row in options_of(verb)}
    if not any(rows[name].needs or rows[name].excludes for name in rows.keys() & set(typed)):
        return
    settled = [name for name, row in rows.items() if row.key]
    settings = settings_from({name: params[name] for name in settled})
    values = {**params, **{name: getattr(settings, name) for name in settled}}

    def spelt(condition: str) -> str:
        name, _, wanted = condition.partition("=")
        return f"{rows[name].spelling if name in rows else name.upper()} {wanted}".rstrip()

    ignored.refuse_ignored(verb, typed, values, spelt)


def given() -> frozenset[str]:
    """The names of the options and arguments that stand on the command line."""
    context = click.get_current_context()
    typed = click.core.ParameterSource.COMMANDLINE
    return frozenset(name for name in context.params if context.get_parameter_source(name) is typed)


def calibration(settings: Settings, flags: Mapping[str, Any]) -> Calibration:
    """How a float model is calibrated: ``--random-calibration`` wins over a file's data, not a flag's."""
    from dataclasses import replace

    from edgeq.verbs import from_settings

    return replace(
        from_settings.calibration(settings, flags["calibration"], random=bool(flags["random_calibration"])),
        rewrite=bool(flags.get("rewrite")),
        input_stats=_input_stats(flags.get("input_stats") or ()),
        default_ranges=_default_ranges(flags.get("default_ranges")),
        mixed=bool(flags.get("mixed")),
        max_drop=_max_drop(settings, flags.get("max_drop")),
    )


def _max_drop(settings: Settings, given: str | None) -> float | None:
    """What this call says; else what the settings do, which the verdict goes by, too."""
    from edgeq.verbs.settings import parse_share

    limit: float | None = settings.max_accuracy_drop
    return limit if given is None else parse_share(given, "--max-accuracy-drop")


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
