"""What the stages' progress looks like: a bar on a terminal, plain lines in CI; always on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO

from edgeq.base.progress import Progress
from edgeq.cli.text import one_line

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


class Listener(Progress, Protocol):
    """A progress that is closed at the end and remembers where it was."""

    current: str

    def close(self, *, failed: bool) -> None:
        """The work is over; clear what is not to stay on the screen."""


class Quiet:
    """``-q``: shows nothing, but remembers the stage for error messages."""

    def __init__(self) -> None:
        self.current = ""

    def stage(self, name: str, detail: str = "") -> None:
        """Remember it."""
        self.current = name

    def advance(self, done: int, total: int) -> None:
        """Show nothing."""

    def note(self, text: str) -> None:
        """Show nothing."""

    def close(self, *, failed: bool) -> None:
        """Nothing to clear."""


class Lines:
    """Plain lines for logs: one a stage, and one for every tenth of a long one, at most every few seconds."""

    interval = 5.0

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.current = ""
        self._stream = stream
        self._clock = clock
        self._said = clock()
        self._done = 0

    def stage(self, name: str, detail: str = "") -> None:
        """Print the stage's line; one without a detail is about to say more itself."""
        self.current = name
        self._done = 0
        if detail:
            self._say(f"{name}: {detail}")

    def advance(self, done: int, total: int) -> None:
        """Print a line now and then, where there is something new to say."""
        if self._clock() - self._said >= self.interval and total and done not in (0, self._done):
            self._done = done
            self._say(f"{self.current}: {done} of {total} ({100 * done // total} %)")

    def note(self, text: str) -> None:
        """Print the note."""
        self._say(f"note: {text}")

    def close(self, *, failed: bool) -> None:
        """Nothing to clear."""

    def _say(self, text: str) -> None:
        self._said = self._clock()
        print(f"edgeq: {one_line(text, 400)}", file=self._stream, flush=True)


_BAR = 20
_ROOM_FOR_THE_REST = 42  # spinner, stage, count, time and the spaces between, in columns


class Bars:
    """A spinner and bar for the stage at work; each finished stage leaves one line with the time it took."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self.current = ""
        self._detail = ""
        self._since = time.monotonic()
        self._console = Console(file=stream, highlight=False, markup=False)
        self._bar: Bar = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.fields[stage]}", markup=False, style="bold"),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=_BAR),
            TextColumn("{task.fields[count]}", markup=False),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, stage="", count="", visible=False)
        self._bar.start()

    def stage(self, name: str, detail: str = "") -> None:
        """Tick off the stage before and begin this one."""
        if name != self.current:
            self._tick("✓", "green")
            self._since = time.monotonic()
        self.current, self._detail = name, one_line(detail, 90)
        room = max(8, self._console.width - _BAR - _ROOM_FOR_THE_REST)
        self._bar.reset(
            self._task,
            total=None,
            visible=True,
            description=one_line(detail, room),
            stage=f"{name:<9}",
            count="",
        )

    def advance(self, done: int, total: int) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=done, total=total, count=f"{done}/{total}")

    def note(self, text: str) -> None:
        """Print the note above the bar."""
        self._print("!", "yellow", one_line(text, 400))

    def close(self, *, failed: bool) -> None:
        """Take the bar away and tick off, or cross out, the last stage."""
        self._bar.stop()
        self._tick(*(("✗", "red") if failed else ("✓", "green")))
        self.current = "" if not failed else self.current

    def _tick(self, mark: str, style: str) -> None:
        if self.current:
            took = time.monotonic() - self._since
            self._print(mark, style, f"{self.current:<9} {self._detail}  ({took:.1f} s)")

    def _print(self, mark: str, style: str, text: str) -> None:
        from rich.text import Text

        self._console.print(Text.assemble((f"{mark} ", style), text))
