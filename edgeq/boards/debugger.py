"""How a debugger gets at a board: what a flash tool or a simulator says of itself to an editor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Debugger:
    """A debug server.

    Attributes:
        title: what a person calls it.
        settings: of a launch configuration of VS Code's extension cortex-debug, its ``servertype`` first.
    """

    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
