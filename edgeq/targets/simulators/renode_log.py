"""What Renode's log tells about firmware that does not get on: unmodelled accesses, and errors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

_MOST = 4 << 20
"""Bytes of the log that are looked at: what holds firmware up shows soon, and comes again and again."""
_SHOWN = 3
_UNMODELLED = re.compile(
    r"\b(?P<what>(?:Read|Write)\w*) (?:of value \S+ )?(?:from|to) (?:"
    r"non existing peripheral at (?P<address>0x[0-9A-Fa-f]+)"
    r"|an unimplemented register (?P<register>\S+) \((?P<at>0x[0-9A-Fa-f]+)\))"
    r"|\] (?P<device>[^\s:]+): (?:\[[^\]]*\] )?"
    r"Unhandled (?P<how>read|write) (?:from|to) offset (?P<offset>0x[0-9A-Fa-f]+)"
)
"""An address where nothing is; a register that an SVD file names; an offset that a model has nothing at."""
_VALUE = re.compile(r"returning (?:a value from SVD: )?(0x[0-9A-Fa-f]+)")
_HARMLESS = re.compile(r"Unhandled bits: \[|\(\w+Ignored\)")
"""Bits of a register that a model has otherwise, and what a core without caches leaves out on purpose."""
_PLACE = re.compile(r"\[\w+: (0x[0-9A-Fa-f]+)\]")
_TIMES = re.compile(r"\((\d+)\)\s*$")
_ERROR = re.compile(r"\[ERROR\] (.+)")


def troubles(log: Path, name: Callable[[int], str]) -> list[str]:
    """What of a log may be why firmware does not answer, the most frequent first; empty where nothing is.

    Args:
        log: Renode's log file.
        name: a code address with the function it is in.
    """
    try:
        with log.open("rb") as file:
            text = file.read(_MOST).decode("utf-8", "replace")
    except OSError:
        return []
    accesses: Counter[str] = Counter()
    places: dict[str, str] = {}
    errors: Counter[str] = Counter()
    for line in text.splitlines():
        times = _TIMES.search(line)
        count = int(times[1]) if times else 1
        if _HARMLESS.search(line):
            continue
        if found := _UNMODELLED.search(line):
            access = _access(found, _VALUE.search(line))
            accesses[access] += count
            if access not in places and (place := _PLACE.search(line)):
                places[access] = f", first from {name(int(place[1], 16))}"
        elif found := _ERROR.search(line):
            errors[found[1].strip()] += count
    told = [f"Renode's error: {error}" for error, _ in errors.most_common(_SHOWN)]
    # What holds firmware up comes again and again; healthy firmware, too, touches this and that once.
    again = Counter({access: count for access, count in accesses.items() if count > 1})
    accesses = again or accesses
    if accesses:
        shown = "; ".join(
            f"{access} ({'once' if count == 1 else f'{count} times'}{places.get(access, '')})"
            for access, count in accesses.most_common(_SHOWN)
        )
        more = len(accesses) - _SHOWN
        told.append(f"Renode does not model: {shown}{f'; and {more} more' if more > 0 else ''}")
    return told


def _access(found: re.Match[str], value: re.Match[str] | None) -> str:
    """An access as it is told: what, where, and what it read if that is not 0."""
    if found["device"]:
        return f"{found['how']} at offset {found['offset']} of {found['device']}"
    at = found["address"] or f"{found['at']}, {found['register']}"
    reads = f", which reads as {value[1]}" if value is not None and int(value[1], 16) else ""
    return f"{found['what']} at {at}{reads}"
