"""The flash runners that a board file may name: one file each in this folder, and no list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from edgeq.boards.discovery import found_in
from edgeq.boards.flashing.runner import Copying, Program, Runner

RUNNERS: Mapping[str, type[Runner]] = {
    get_args(kind.model_fields["runner"].annotation)[0]: kind for kind in found_in(__name__, __path__, Runner)
}
"""By the name that board files give them, in the order of docs/flashing.md."""

PROGRAMS: Mapping[str, type[Program]] = {
    name: kind for name, kind in RUNNERS.items() if issubclass(kind, Program)
}
"""Those that a machine may lack."""


class _ByName:
    """Marks a table that is one of the runners, by its key ``runner``."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {name: handler.generate_schema(kind) for name, kind in RUNNERS.items()}
        return core_schema.tagged_union_schema(choices, discriminator="runner")


AnyRunner = Annotated[Runner, _ByName()]

__all__ = ["PROGRAMS", "RUNNERS", "AnyRunner", "Copying", "Program", "Runner"]
