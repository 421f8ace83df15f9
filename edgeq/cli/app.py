"""The command ``edgeq``: its verbs, loaded when they are called, and what becomes of every error."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from edgeq.base.errors import EdgeqError
from edgeq.cli import streams
from edgeq.cli.options import program_options
from edgeq.cli.output import EXIT_INTERRUPTED, Output

VERBS = (
    "init",
    "deploy",
    "convert",
    "check",
    "inspect",
    "params",
    "features",
    "operators",
    "compare",
    "debug",
    "compile",
    "generate",
    "build",
    "flash",
    "run",
    "profile",
    "bench",
    "report",
    "data",
    "boards",
    "devices",
    "doctor",
)
"""In the order of the road; each is ``edgeq/cli/<verb>.py`` with a click command of the same name."""

EXIT_BROKEN_PIPE = 141


class Terminated(BaseException):
    """The system asked the process to end (SIGTERM, SIGHUP): clean up as for Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


class Verbs(click.Group):
    """A group that imports a verb's module when the verb is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the road, not of the alphabet."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command."""
        if cmd_name not in VERBS:
            return None
        command = getattr(importlib.import_module(f"edgeq.cli.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Say what was probably meant where a verb is unknown."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in VERBS:
            from difflib import get_close_matches

            near = get_close_matches(name, VERBS, n=1)
            meant = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(VERBS)}."
            raise click.UsageError(f"No such command {name!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)


@program_options
@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 good, 1 a verdict failed, 2 usage or bad input, 3 a tool is missing, 4 build, "
    "5 device, 70 a bug of edgeq, 130 interrupted. Settings may stand in edgeq.toml.",
)
def app() -> None:
    """Take a neural network to a microcontroller, and prove that it runs there as it should.

    `edgeq deploy` goes the whole road; each other verb is a stage of it and goes on from the one before.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code. Prints, but never raises."""
    args = list(sys.argv[1:] if argv is None else argv)
    if "_EDGEQ_COMPLETE" in os.environ:  # a shell asks for completions
        app.main(args, prog_name="edgeq")
    output = Output(
        json="--json" in args, argv=args
    )  # parsing itself may fail, and that error is an object too
    with streams.prepared():
        try:
            with _terminable():
                return _run(args, output)
        except (Exception, KeyboardInterrupt, Terminated) as error:
            try:
                return _explain(error, output)
            except OSError as unheard:  # the explanation's own
                return _explain(unheard, output)


def _explain(error: BaseException, output: Output) -> int:
    """Tell the user of an error, each kind in its way; the exit code."""
    broken = streams.broken_stdout() if isinstance(error, OSError) else None
    if broken is not None:
        streams.pacify_stdout()
        return EXIT_BROKEN_PIPE if isinstance(broken, BrokenPipeError) else output.unheard(broken)
    if isinstance(error, EdgeqError):
        return output.error(error)
    if isinstance(error, KeyboardInterrupt | click.Abort | Terminated):
        return output.interrupted(getattr(error, "exit_code", EXIT_INTERRUPTED))
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return error.exit_code
    if isinstance(error, click.ClickException):
        return output.usage(error)
    return output.bug(error)


def _run(args: list[str], output: Output) -> int:
    try:
        with app.make_context("edgeq", args, obj=output) as context:
            value = app.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    return value if isinstance(value, int) else 0


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an exception, so that temporary files are removed on the way out."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _frame: FrameType | None) -> None:
        raise Terminated(number)

    signals = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, end) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
