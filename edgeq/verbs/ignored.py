"""What is said and would not be obeyed: refused, by what the table of options needs and excludes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from edgeq.base.errors import UsageError
from edgeq.verbs.options import options_of


def refuse_ignored(
    verb: str, said: Collection[str], values: Mapping[str, Any], spelt: Callable[[str], str]
) -> None:
    """Refuse what the user says of a verb and the verb would not use.

    Args:
        verb: as the table names it.
        said: the names of what the user says with this call.
        values: the values of all options and arguments, settings included, by name.
        spelt: how the user writes an option or a condition: ``output_format=carray`` as ``--format carray``.

    Raises:
        UsageError: an option stands without what it needs, or beside what excludes it.
    """

    def holds(condition: str) -> bool:
        name, _, wanted = condition.partition("=")
        return wanted in _names(values[name]) if wanted else _is_said(values[name])

    for row in options_of(verb):
        if row.name not in said:
            continue
        needs = [one for one in row.needs if one.partition("=")[0] in values]
        option = spelt(row.name)
        if needs and not any(map(holds, needs)):
            wanted = " or ".join(map(spelt, needs))
            raise UsageError(f"{option} goes with {wanted}", f"give {wanted}, or leave {option} out")
        for condition in row.excludes:
            one, _, spared = condition.partition(" but ")
            if spared and spared in _names(values[row.name]):
                continue
            name = one.partition("=")[0]
            if name in values and holds(one):
                where = "" if name in said else ", which the settings give"
                raise UsageError(
                    f"{option} does not go with {spelt(one)}{where}",
                    f"leave {option} out" if where else "leave one of them out",
                )


def _names(value: Any) -> list[Any]:
    """What an option names: one, or several with commas between or in a sequence."""
    if isinstance(value, str):
        return [name.strip() for name in value.split(",")]
    return list(value) if isinstance(value, list | tuple) else []


def _is_said(value: Any) -> bool:
    empty = isinstance(value, str | list | tuple) and not value
    return value is not None and value is not False and not empty
