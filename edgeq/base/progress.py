"""How a stage tells what it is doing, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What stages call; ``cli`` draws bars or prints lines, tests and the Python API stay silent."""

    def stage(self, name: str, detail: str = "") -> None:
        """A new piece of work begins; the one before it is done."""

    def advance(self, done: int, total: int) -> None:
        """``done`` of ``total`` units of the current piece of work are finished; call it often."""

    def note(self, text: str) -> None:
        """Something worth knowing that is no failure."""


class _Silent:
    """A listener that hears nothing."""

    def stage(self, name: str, detail: str = "") -> None:
        """Ignore."""

    def advance(self, done: int, total: int) -> None:
        """Ignore."""

    def note(self, text: str) -> None:
        """Ignore."""


SILENT: Progress = _Silent()
"""The default everywhere: nothing is shown."""
