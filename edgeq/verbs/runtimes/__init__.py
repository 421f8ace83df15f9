"""The registry of runtimes: the one place that names them all.

A runtime is a module of this package whose ``RUNTIME`` is a :class:`Runtime`; its name here is all that it
takes besides.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from edgeq.base.errors import UsageError
from edgeq.verbs.runtimes.runtime import Accepted, Artefacts, Outcome, Runnable, Runtime

if TYPE_CHECKING:
    from edgeq.boards import Board

__all__ = [
    "Accepted",
    "Artefacts",
    "Outcome",
    "Runnable",
    "Runtime",
    "choose",
    "foreign_options",
    "names",
    "parse_runtimes",
    "refuse_foreign_options",
    "register",
    "runtimes",
    "unregister",
]

_BUILT_IN = ("aot", "tflm", "edgetpu", "sdk")
"""Where several serve a board, the first is its usual one."""

_added: list[Runtime] = []


def runtimes() -> tuple[Runtime, ...]:
    """All of them, the usual ones first."""
    built_in = (importlib.import_module(f"{__name__}.{module}").RUNTIME for module in _BUILT_IN)
    return (*built_in, *_added)


def register(runtime: Runtime) -> None:
    """Add a runtime from outside edgeq, for this process.

    Raises:
        ValueError: there is one of that name.
    """
    if runtime.name in [known.name for known in runtimes()]:
        raise ValueError(f"there is a runtime {runtime.name!r} already")
    _added.append(runtime)


def unregister(runtime: Runtime) -> None:
    """Take out what :func:`register` has added."""
    _added.remove(runtime)


def names() -> tuple[str, ...]:
    """Those that ``--runtime`` may name."""
    return tuple(runtime.name for runtime in runtimes() if runtime.by_name)


def parse_runtimes(text: str | Sequence[str], what: str = "--runtime") -> tuple[str, ...]:
    """``"aot,tflm"``, or a sequence of names, as names in the order given.

    Raises:
        UsageError: an unknown runtime, or one that is named twice.
    """
    parts = text.split(",") if isinstance(text, str) else text
    found = tuple(str(name).strip() for name in parts)
    known = names()
    unknown = [name for name in found if name not in known]
    if unknown or not found or len(set(found)) != len(found):
        wrong = f"{text!r} names a runtime twice" if found else "no runtime is named"
        wrong = f"there is no runtime {unknown[0]!r}" if unknown else wrong
        raise UsageError(f"{what}: {wrong}", f"runtimes: {', '.join(known)}; several with commas between")
    return found


def choose(board: Board, wanted: Sequence[str] = ()) -> tuple[Runtime, ...]:
    """The runtimes for a board: those that are named, else its usual one.

    A name that means nothing on this board is passed over: settings may name a runtime for other boards.
    """
    serving = {runtime.name: runtime for runtime in runtimes() if runtime.serves(board)}
    named = tuple(serving[name] for name in wanted if name in serving)
    return named or (next(iter(serving.values())),)


def foreign_options(runtime: Runtime) -> frozenset[str]:
    """The names of the options that say something to other runtimes only."""
    own = {*runtime.own_options, *(("runtime",) if runtime.by_name else ())}
    return frozenset(name for other in runtimes() for name in other.own_options) - own


def refuse_foreign_options(runtime: Runtime, given: Collection[str], board: str) -> None:
    """Refuse options that say something to other runtimes only.

    Args:
        runtime: the one that is chosen.
        given: names of the options that the user gave with this command.
        board: how messages call the board.

    Raises:
        UsageError: one of them says nothing here.
    """
    foreign = foreign_options(runtime)
    for other in runtimes():
        for name in other.own_options:
            if name in given and name in foreign:
                option = "--" + name.replace("_", "-")
                raise UsageError(f"{option} {other.own_options_told.format(board=board)}", "leave it out")
