"""``edgeq init``: a project for a model, or CI for one that is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edgeq.cli.options import model_argument, verb
from edgeq.cli.output import Output
from edgeq.cli.settings import settings_from

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.verbs.init import Provider, Started

_PROJECT = "project"


class ModelOrVerb(click.Group):
    """A group whose first verb may be left out: ``edgeq init MODEL``."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb; what is none goes to the first one."""
        return super().get_command(ctx, cmd_name) or self.commands[_PROJECT]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """What is no verb is an argument of the first one."""
        if args and args[0] not in self.commands:
            args = [_PROJECT, *args]
        return super().resolve_command(ctx, args)


@click.group(cls=ModelOrVerb)
def init() -> None:
    """Begin a project for a model: `edgeq init MODEL`; or its CI: `edgeq init ci`."""


@verb("init project", init)
@model_argument
def project(output: Output, /, model: Path, out: Path | None, ci: Sequence[Provider], **flags: Any) -> None:
    """Begin a project for MODEL: edgeq.toml, a folder of data, a test for pytest, CI.

    `edgeq init MODEL` is the same. Files that are there stay as they are, and are named; a model and data
    from elsewhere are copied.
    """
    from edgeq.verbs.from_settings import required_board
    from edgeq.verbs.init import ProjectRequest, project_files, provider_of, start

    folder = out or Path()
    board = required_board(settings_from({"board": flags["board"]}))
    request = ProjectRequest(
        model,
        board,
        folder,
        data=flags["data"],
        calibration=flags["calibration"],
        random_calibration=bool(flags["random_calibration"]),
        providers=tuple(ci) or (provider_of(folder),),
        signature=flags["signature"],
    )
    done = start(folder, project_files(request))
    output.result(done.to_json(), lambda console: _show(output, console, done, "--edgeq-update"))


@verb("init ci", init)
def ci_(output: Output, /, board: str | None, out: Path | None, ci: Sequence[Provider]) -> None:
    """Write CI for a project: a job on a simulated board, one on a machine with boards, a Dockerfile.

    For GitHub Actions a workflow and a composite action, for GitLab .gitlab-ci.yml; each runs pytest, keeps
    reports, logs and firmware, and shows the results. Files that are there stay as they are.
    """
    from edgeq.verbs.from_settings import required_board
    from edgeq.verbs.init import ci_files, provider_of, start

    folder = out or Path()
    chosen = required_board(settings_from({"board": board}))
    done = start(folder, ci_files(chosen, tuple(ci) or (provider_of(folder),)))
    output.result(done.to_json(), lambda console: _show(output, console, done))


def _show(output: Output, console: Console, done: Started, *more: str) -> None:
    for name in done.written:
        console.print(f"wrote  {done.folder / name}", soft_wrap=True)
    for name in done.kept:
        console.print(f"kept   {done.folder / name}, which was there", soft_wrap=True)
    if more and done.written:
        place = "" if done.folder == Path() else f"  (in {done.folder})"
        output.next(console, "python", "-m", "pytest", *more, more=place)
