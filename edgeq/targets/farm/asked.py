"""Which place of a farm is asked for: one by its name, or any that has some tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from edgeq.base.errors import UsageError

BOARD = "{board}"
"""In a tag's value it stands for the board's id, so that one setting serves a whole matrix."""
WAIT = 600.0
COORDINATOR = "127.0.0.1:20408"
_NAME = re.compile(r"[^\s=,/]+")
_TAG = re.compile(r"[a-z][a-z0-9_]+=[^\s=,]+")


@dataclass(frozen=True)
class Farm:
    """A place behind labgrid.

    Attributes:
        name: of the place; empty where tags say which will do.
        tags: what a place has to have; ``{board}`` in a value stands for the board's id.
        python: a Python that has labgrid; None for the one that runs edgeq.
        coordinator: ``HOST:PORT``.
        config: labgrid's environment file, for drivers that resources alone do not tell; None for none.
        wait: seconds until a place with these tags has to be free.
    """

    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    python: str | None = None
    coordinator: str = COORDINATOR
    config: str | None = None
    wait: float = WAIT

    def __str__(self) -> str:
        told = self.name or ",".join(f"{key}={value}" for key, value in self.tags.items())
        return f"the place {told}"

    def tags_for(self, board: str) -> dict[str, str]:
        """The tags, with the id of the board."""
        return {key: value.replace(BOARD, board) for key, value in self.tags.items()}


def parse_farm(text: str) -> tuple[str, dict[str, str]]:
    """The name, or the tags, that ``--place`` gives: ``NAME`` or ``KEY=VALUE[,KEY=VALUE…]``.

    Raises:
        UsageError: it is neither.
    """
    if _NAME.fullmatch(text):
        return text, {}
    parts = text.split(",")
    if all(_TAG.fullmatch(part) for part in parts):
        return "", dict(part.split("=") for part in parts)
    raise UsageError(
        f"{text!r} is no place of labgrid's",
        "give its name, or tags that it has: KEY=VALUE, several with commas between (board={board})",
    )
