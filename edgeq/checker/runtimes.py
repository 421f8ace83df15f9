"""The runtimes, and the operators of each.

A runtime ``x`` is a package ``edgeq.backends.x`` with a module ``operators``, whose ``SUPPORT`` says by the
schema's name of an operator in which forms the runtime takes it, and whose ``HOW``, if it has one, how it
computes each. Backends come after the checker, so they are looked up by name when a model is checked, and
nobody lists them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from edgeq.base.errors import UsageError
from edgeq.checker.operators import Forms

_BACKENDS = Path(__file__).resolve().parent.parent / "backends"


@cache
def runtimes() -> tuple[str, ...]:
    """The names of the runtimes, sorted."""
    return tuple(sorted(path.parent.name for path in _BACKENDS.glob("*/operators.py")))


def operators_of(runtime: str) -> Mapping[str, Forms]:
    """The operators of a runtime, by the schema's name.

    Raises:
        UsageError: for a runtime that edgeq does not have.
    """
    if runtime not in runtimes():
        raise UsageError(f"There is no runtime {runtime!r}.", f"Choose one of: {', '.join(runtimes())}.")
    table: Mapping[str, Forms] = _module(runtime).SUPPORT
    return table


def explanations_of(runtime: str) -> Mapping[str, tuple[str, ...]]:
    """How a runtime computes each of its operators, a line for each form; empty where it does not say."""
    found: Mapping[str, tuple[str, ...]] = getattr(_module(runtime), "HOW", {})
    return found


def _module(runtime: str) -> Any:
    return importlib.import_module(f"edgeq.backends.{runtime}.operators")
