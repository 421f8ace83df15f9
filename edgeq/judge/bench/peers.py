"""What others' code takes for the same models: ``peers.toml``, where each figure has its source."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FILE = Path(__file__).with_name("peers.toml")


class Source(BaseModel):
    """Where figures are from.

    Attributes:
        name: what was measured, shortly.
        text: by whom, where and under which conditions.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    text: str


class Peer(BaseModel):
    """Figures of one source for one core, each by the model's name.

    Attributes:
        source: where the figures are from.
        core: as board files name it.
        instructions, cycles: of one inference.
        flash, arena: bytes; flash without the model.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Source
    core: str
    instructions: dict[str, int] = Field(default_factory=dict)
    cycles: dict[str, int] = Field(default_factory=dict)
    flash: dict[str, int] = Field(default_factory=dict)
    arena: dict[str, int] = Field(default_factory=dict)

    def knows(self, model: str) -> bool:
        """Whether it says anything of a model."""
        return any(model in figures for figures in (self.instructions, self.cycles, self.flash, self.arena))


@cache
def ram_goals() -> dict[str, int]:
    """Bytes of arena that are aimed at with the least RAM, by the model's name."""
    goals: dict[str, int] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["ram_goals"]
    return goals


@cache
def peers() -> tuple[Peer, ...]:
    """All, in the file's order."""
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    sources = told["sources"]
    return tuple(Peer.model_validate({**one, "source": sources[one["source"]]}) for one in told["peers"])
