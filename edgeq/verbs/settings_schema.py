"""What may stand in edgeq.toml and edgeq.local.toml: a pydantic model made of the table of options.

Apart from ``settings.py``, so that only who has such a file loads pydantic.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from edgeq.verbs.options import SETTINGS
from edgeq.verbs.options.option import Kind, Option


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@cache
def file_schema() -> type[BaseModel]:
    """The model of a file; every key may be left out."""
    rows = list(SETTINGS.values())
    tables = {
        name: _optional(_table(name, [row for row in rows if row.table == name]))
        for name in dict.fromkeys(row.table for row in rows if row.table)
    }
    return _table("edgeq.toml", [row for row in rows if not row.table], tables)


def _table(name: str, rows: list[Option], tables: dict[str, Any] | None = None) -> type[BaseModel]:
    keys = {row.key.rpartition(".")[2]: _optional(_type(row)) for row in rows}
    fields: dict[str, Any] = {**keys, **(tables or {})}
    return create_model(name, __base__=_Strict, **fields)


def _optional(kind: Any) -> tuple[Any, None]:
    return (kind | None, None)


def _type(row: Option) -> Any:
    if row.kind == "choice":
        return Literal[row.names]
    if row.kind == "text" and row.pattern:
        return Annotated[str, Field(pattern=row.pattern)]
    if row.kind in ("integer", "number"):
        above, low = (row.low, None) if row.above else (None, row.low)
        return Annotated[_PLAIN[row.kind], Field(gt=above, ge=low, le=row.high)]
    return _PLAIN[row.kind]


_TEXT = Annotated[str, Field(min_length=1)]
_PLAIN: dict[Kind, Any] = {
    "text": _TEXT,
    "spec": _TEXT,
    "board": _TEXT,
    "path": _TEXT,
    "program": _TEXT,
    "words": Annotated[list[str], Field(min_length=1)],
    "share": float | str,
    "mean_std": Annotated[list[float], Field(min_length=2, max_length=2)],
    "integer": int,
    "number": float,
    "switch": bool,
    "flag": bool,
}
