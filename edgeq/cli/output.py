"""Where a verb's words go: the result to stdout (text or one JSON object), everything else to stderr."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import TYPE_CHECKING, Any

import click

from edgeq.base.errors import EdgeqError
from edgeq.base.hints import command
from edgeq.cli import streams
from edgeq.cli.listen import Bars, Lines, Listener, Quiet
from edgeq.cli.text import clean, coloured, wants_colour

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA_VERSION = 1
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


class Output:
    """What the user asked of the output.

    Attributes:
        json: stdout is one JSON object.
        verbosity: below 0 shows no progress, above 0 shows details and tracebacks.
        stage: the stage that was at work last, for error messages.
        command: the command line, as a shell takes it.
    """

    def __init__(self, *, json: bool = False, verbosity: int = 0, argv: Sequence[str] = ()) -> None:
        self.json = json
        self.verbosity = verbosity
        self.stage = ""
        self.command = command("edgeq", *argv)
        self._deaf = False

    @contextmanager
    def progress(self) -> Iterator[Listener]:
        """A listener for the stages, shown on stderr as the user wants it."""
        listener = self._listener()
        failed = True
        try:
            yield listener
            failed = False
        finally:
            self.stage = listener.current if failed else ""
            listener.close(failed=failed)

    def _listener(self) -> Listener:
        if self.verbosity < 0:
            return Quiet()
        if sys.stderr.isatty() and not _dumb():
            return Bars(sys.stderr)
        return Lines(sys.stderr)

    def result(self, data: Mapping[str, Any], show: Callable[[Console], None] | None = None) -> None:
        """The verb's one result.

        Args:
            data: the JSON object; ``schema_version`` is put first.
            show: prints it for a person on a rich console (markup off); None for nothing to print.
        """
        if self.json:
            self._object(data)
        elif show is not None:
            show(console())

    def next(self, console: Console, *words: str | PathLike[str], more: str = "") -> None:
        """The command that goes on from here, unless quiet.

        Args:
            more: what follows it that is not of the command.
        """
        if self.verbosity >= 0:
            console.print(f"next: {command(*words)}{more}", soft_wrap=True)

    def note(self, text: str) -> None:
        """A remark on stderr, unless quiet."""
        if self.verbosity >= 0:
            print(f"{coloured('note:', 'yellow', sys.stderr)} {clean(text)}", file=sys.stderr)

    def error(self, error: EdgeqError) -> int:
        """Tell of a failure that the user can do something about; its exit code."""
        kind = error.kind
        extra: dict[str, Any] = {"stage": self.stage} if self.stage else {}
        findings = getattr(error, "findings", None)
        if findings is not None:
            extra["findings"] = [finding.to_dict() for finding in findings]
        message, hint = (_without_stop(text) for text in (error.message, error.hint))
        self._error(message, hint, error.exit_code, kind, **extra)
        if findings and not self.json:
            from edgeq.cli.findings import show_findings

            show_findings(console(stderr=True), findings)
        if self.verbosity > 0:
            self._traceback(error)
        return error.exit_code

    def usage(self, error: click.ClickException) -> int:
        """Tell of a command line that click refused; exit code 2."""
        context = getattr(error, "ctx", None)
        hint = f"see `{context.command_path} --help`" if context is not None else "see `edgeq --help`"
        self._error(error.format_message().rstrip("."), hint, 2, "UsageError")
        return 2

    def bug(self, error: BaseException) -> int:
        """Tell of a failure that is edgeq's own fault."""
        hint = "this is a bug of edgeq: please report it with the output of the same command and --verbose"
        self._error(f"internal error: {type(error).__name__}: {error}", hint, EXIT_BUG, "InternalError")
        if self.verbosity > 0:
            self._traceback(error)
        return EXIT_BUG

    def interrupted(self, code: int) -> int:
        """Tell that the user, or the system, ended the work."""
        where = f" in the {self.stage} stage" if self.stage else ""
        self._error(f"interrupted{where}; no half-written file is left", "", code, "Interrupted")
        return code

    def unheard(self, error: OSError) -> int:
        """Tell, on stderr alone, that standard output takes nothing; exit code 2."""
        self._deaf = True
        reason = error.strerror or str(error)
        self._error(f"cannot write to standard output: {reason}", "check where it goes", 2, "UsageError")
        return 2

    def _error(self, message: str, hint: str, code: int, kind: str, **extra: object) -> None:
        if self.json and not self._deaf:
            self._object(
                {"error": {"message": message, "hint": hint, "exit_code": code, "kind": kind, **extra}}
            )
            return
        print(f"{coloured('error:', 'red', sys.stderr)} {clean(message)}", file=sys.stderr)
        if hint:
            print(f"{coloured('hint:', 'yellow', sys.stderr)}  {clean(hint)}", file=sys.stderr)

    @staticmethod
    def _object(data: Mapping[str, Any]) -> None:
        body = {"schema_version": SCHEMA_VERSION, **data}
        print(json.dumps(body, indent=2, allow_nan=False), flush=True)

    @staticmethod
    def _traceback(error: BaseException) -> None:
        traceback.print_exception(error, file=sys.stderr)


def console(*, stderr: bool = False) -> Console:
    """Where tables and text for people go."""
    stream = sys.stderr if stderr else sys.stdout
    return streams.console(stream, colour=wants_colour(stream))


def _without_stop(text: str) -> str:
    """The text without its last full stop: messages come from many places, and are shown alike."""
    return text[:-1] if text.endswith(".") and not text.endswith("..") else text


def _dumb() -> bool:
    return os.environ.get("TERM") == "dumb"
