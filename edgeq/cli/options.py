"""From the table of options to click's: a verb takes what its rows say, and refuses what it would ignore."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from edgeq.base.errors import UsageError
from edgeq.cli import completion
from edgeq.cli.output import Output
from edgeq.verbs.options import options_of
from edgeq.verbs.options.option import Option

F = TypeVar("F", bound=Callable[..., Any])


class Verb(click.Command):
    """A command whose options are those of the table.

    Args:
        verb: its name in the table.
    """

    def __init__(self, *args: Any, verb: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.verb = verb
        self.params += [as_click(option, verb) for option in options_of(verb)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse what stands there twice: only one of the two could be obeyed."""
        if not ctx.resilient_parsing:
            _, _, order = self.make_parser(ctx).parse_args(list(args))
            for parameter, count in Counter(order).items():
                if count > 1 and _once(parameter):
                    told = f"{'/'.join(_long(parameter))} is given {_times(count)}"
                    raise UsageError(told, "leave all but one out")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Refuse what would be ignored, before anything is done."""
        from edgeq.cli.settings import given, refuse_ignored

        refuse_ignored(self.verb, given(), ctx.params)
        return super().invoke(ctx)


def verb(name: str, group: click.Group | None = None) -> Callable[[Callable[..., Any]], Verb]:
    """Make a function the command of a verb.

    The function takes the :class:`Output`, then by name the arguments that the decorators below it declare
    and the options that the table has for the verb.

    Args:
        name: in the table: ``"deploy"``, ``"boards show"``.
        group: the group that the verb is one of.
    """

    def make(function: Callable[..., Any]) -> Verb:
        command = click.command(name.rsplit(maxsplit=1)[-1], cls=Verb, verb=name)(click.pass_obj(function))
        if group is not None:
            group.add_command(command)
        return command

    return make


def program_options(group: click.Group) -> click.Group:
    """Give ``edgeq`` itself its options."""
    group.params += [as_click(option, "") for option in options_of("")]
    return group


def model_argument(command: F) -> F:
    """``MODEL``: a .tflite file."""
    return click.argument("model", type=click.Path(path_type=Path))(command)


def project_argument(command: F) -> F:
    """``PROJECT``: a folder made by ``edgeq generate`` or ``edgeq deploy``."""
    return click.argument("project", type=click.Path(path_type=Path), default=".")(command)


def as_click(option: Option, verb: str) -> click.Option:
    """A row as click's option."""
    names = [*([f"-{option.short}"] if option.short else []), option.spelling]
    if option.opposite:
        names[-1] += f"/{option.opposite}"
    how: dict[str, Any] = {"help": option.explained(verb), "metavar": option.metavar or None}
    if option.name in _HEARD:
        how |= {"expose_value": False, "is_eager": True, "callback": _HEARD[option.name]}
    if option.kind == "switch":
        how["default"] = None
    elif option.kind in ("flag", "count"):
        how["is_flag" if option.kind == "flag" else "count"] = True
    else:
        how |= {"type": _type(option), "multiple": option.many}
    if option.name == "runtime":
        how["shell_complete"] = completion.runtimes
    elif option.kind in _COMPLETED:
        how["shell_complete"] = _COMPLETED[option.kind]
    if option.bare:
        how |= {"is_flag": False, "flag_value": ""}
    if option.default is not None and not option.key:
        how |= {"default": option.default, "show_default": True}
    return click.Option([*names, option.name], **how)


def _type(option: Option) -> click.ParamType[Any]:
    if option.kind == "choice":
        return click.Choice(option.names)
    if option.kind == "path":
        return click.Path(path_type=Path)
    limited = option.low is not None or option.high is not None
    if option.kind == "integer":
        return click.IntRange(_whole(option.low), _whole(option.high)) if limited else click.INT
    if option.kind == "number":
        return click.FloatRange(option.low, option.high, min_open=option.above) if limited else click.FLOAT
    return click.STRING


def _whole(limit: float | None) -> int | None:
    return None if limit is None else int(limit)


def _once(parameter: click.Parameter) -> bool:
    """Whether a second time says something else than the first."""
    if not isinstance(parameter, click.Option) or parameter.multiple or parameter.count:
        return False
    return not parameter.is_flag or bool(parameter.secondary_opts)


def _long(parameter: click.Parameter) -> list[str]:
    return [flag for flag in (*parameter.opts, *parameter.secondary_opts) if flag.startswith("--")]


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _louder(step: int) -> Callable[[click.Context, click.Parameter, int], None]:
    def apply(context: click.Context, _parameter: click.Parameter, count: int) -> None:
        context.ensure_object(Output).verbosity += step * count

    return apply


def _as_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Output).json = True


def _version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        import platform

        from edgeq import __version__

        told = {"version": __version__, "python": platform.python_version(), "platform": platform.platform()}
        context.ensure_object(Output).result(told, lambda console: console.print(f"edgeq {__version__}"))
        context.exit()


_HEARD: dict[str, Callable[[click.Context, click.Parameter, Any], None]] = {
    "version": _version,
    "quiet": _louder(-1),
    "verbose": _louder(1),
    "json": _as_json,
}
"""The options that are for the frame, and not for a verb."""

_COMPLETED = {"board": completion.boards, "spec": completion.files}
"""What a shell is offered for a kind of value, where click's own type does not say."""
