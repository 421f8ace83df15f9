"""Standard output and error, whatever they are: closed, full, a pipe that ends, without Unicode."""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN = {
    "█": "#",
    "░": ".",
    "━": "-",
    "─": "-",
    "—": "-",
    "–": "-",  # noqa: RUF001
    "✓": "+",
    "✗": "x",
    "→": "->",
    "…": "...",
    "·": ".",
    "×": "x",  # noqa: RUF001
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
    "µ": "u",
}
_ERRORS = "edgeq-plain"
_BLANKS = re.compile(r"[ \t]+(?=\n)")


@contextmanager
def prepared() -> Iterator[None]:
    """Standard streams that take any character, and remember why they took no more."""
    codecs.register_error(_ERRORS, _plainly)
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:  # closed: the next file that is opened would get this number, and be written to
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
    before = sys.stdout, sys.stderr
    for stream in before:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_ERRORS)
    sys.stdout = cast(TextIO, _Heard(before[0] or _nowhere()))
    sys.stderr = cast(TextIO, _Heard(before[1] or _nowhere(), silent=True))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def broken_stdout() -> OSError | None:
    """Why standard output takes no more; None where it does."""
    return getattr(sys.stdout, "failed", None)


def pacify_stdout() -> None:
    """Point stdout at nothing: Python would flush it once more at exit and complain."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console(stream: TextIO, *, colour: bool) -> Console:
    """A rich console that takes text as it is: no markup, no guessing of colours.

    Where there is no terminal, lines are long and end where their text does.
    """
    from rich.console import Console

    class Plain(Console):
        """Does not end the process by itself when its pipe ends."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    terminal = stream.isatty()
    return Plain(
        file=stream if terminal else _Trimmed(stream),  # type: ignore[arg-type]  # what rich needs of it
        highlight=False,
        markup=False,
        emoji=False,
        no_color=not colour,
        width=None if terminal else 120,
    )


class _Heard:
    """A stream that remembers why writing to it failed.

    Args:
        silent: what it does not take is lost: there is no other place to tell of it.
    """

    def __init__(self, stream: TextIO, *, silent: bool = False) -> None:
        self._stream = stream
        self._silent = silent
        self.failed: OSError | None = None

    def write(self, text: str) -> int:
        with self._hearing():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._hearing():
            self._stream.flush()

    @contextmanager
    def _hearing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failed = error
            if not self._silent:
                raise

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


class _Trimmed:
    """A stream to which lines are written without the blanks at their end. Rich writes whole lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(_BLANKS.sub("", text))
        return len(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - as long as the process


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that the stream's encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_plain(char) for char in error.object[error.start : error.end]), error.end


def _plain(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # a byte of a file's name that is not UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return _PLAIN.get(char, "?")
