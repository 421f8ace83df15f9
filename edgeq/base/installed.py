"""Whether this machine has something that edgeq uses, found without importing or starting it."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "missing", "too old"]


@dataclass(frozen=True)
class Installed:
    """What was found of a thing.

    Attributes:
        status: ``"ok"``, ``"missing"`` or ``"too old"``.
        found: version and place, or what was looked for.
        command: the exact command that helps; empty where there is nothing to do.
    """

    status: Status
    found: str
    command: str = ""


def package_version(distribution: str) -> str | None:
    """The version of an installed Python package; None where it is not installed."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def package(distribution: str, least: tuple[int, int], install: str) -> Installed:
    """A Python package.

    Args:
        distribution: its name at PyPI.
        least: the first version that will do.
        install: the command that installs it.
    """
    version = package_version(distribution)
    if version is None:
        return Installed("missing", f"no package {distribution}", install)
    if _numbers(version) < least:
        wanted = ".".join(map(str, least))
        return Installed("too old", f"{version}, needs {wanted}", f"pip install '{distribution}>={wanted}'")
    return Installed("ok", f"{distribution} {version}")


def _numbers(version: str) -> tuple[int, ...]:
    numbers = []
    for part in version.split(".")[:2]:
        digits = "".join(c for c in part if c.isdigit())
        numbers.append(int(digits or 0))
    return tuple(numbers)
