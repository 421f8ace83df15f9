"""A pipeline as people write it: a TOML file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from edgeq.base.errors import UsageError
from edgeq.base.hints import document
from edgeq.features.preprocessing import Preprocessing, preprocessing_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_KEYS = ("mean", "std", "raw", "stages")


def read_declaration(path: Path) -> Preprocessing:
    """The pipeline of a file: ``mean`` and ``std`` (0 and 1 where they are left out), ``[raw]`` and
    ``[[stages]]``.

    Raises:
        UsageError: it cannot be read, or says something else.
    """
    hint = f"{document('features.md')} has every key"
    try:
        told: dict[str, Any] = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}", hint) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}", hint) from error
    wrong = sorted(set(told) - set(_KEYS))
    if wrong:
        raise UsageError(f"{path} has the key {wrong[0]!r}; there are {', '.join(_KEYS)}", hint)
    if "raw" not in told:
        raise UsageError(f"{path} does not say what a raw sample is: it has no table [raw]", hint)
    try:
        return preprocessing_of({"mean": 0.0, "std": 1.0, "stages": [], **told})
    except ValueError as error:
        raise UsageError(f"{path}: {error}", hint) from error
