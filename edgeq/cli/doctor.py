"""``edgeq doctor``: what is installed, what is missing, and the command that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgeq.cli.options import verb
from edgeq.cli.output import Output
from edgeq.cli.settings import settings_from

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.verbs.doctor.machine import Need


@verb("doctor")
def doctor(output: Output, board: str | None) -> int:
    """Show what this machine has of what edgeq uses.

    Each thing is shown with what it is for and, where it is missing, the exact command that installs it.
    Missing things are no failure unless --board names a board that needs them. For an Edge TPU (coral, or
    coral@user@host over SSH) the one thing that stands in the way is marked. The last line is
    the one command to go on with.
    """
    from edgeq.verbs.doctor.everything import examine
    from edgeq.verbs.doctor.machine import failed
    from edgeq.verbs.doctor.next import next_command

    settings = settings_from({})
    chosen, needs = examine(board, settings)
    lacking = failed(needs)
    data = {
        "board": None if chosen is None else chosen.id,
        "verdict": "fail" if lacking else "pass",
        "needs": [need.to_dict() for need in needs],
        "next": next_command(board, needs, settings),
    }

    def show(console: Console) -> None:
        _show(console, needs, lacking, None if chosen is None else chosen.id)
        console.print(f"next: {data['next']}", soft_wrap=True)

    output.result(data, show)
    return 3 if lacking else 0


def _show(console: Console, needs: tuple[Need, ...], lacking: tuple[Need, ...], board: str | None) -> None:
    from rich.table import Table
    from rich.text import Text

    marks = {True: ("✓", "green"), False: ("-", "yellow")}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "what", "found", "for"):
        table.add_column(column, overflow="fold")
    for need in needs:
        good = need.status == "ok"
        mark = marks[good] if good or not need.required else ("✗", "red")
        table.add_row(
            Text(*mark), need.name, need.found if good else f"{need.status}: {need.found}", need.purpose
        )
        if need.command:
            table.add_row("", "", Text(f"→ {need.command}", "yellow"), "")
    console.print(table)
    what = f"the board {board}" if board else "edgeq"
    if lacking:
        names = ", ".join(need.name for need in lacking)
        console.print(Text.assemble(("\nmissing ", "red"), f"for {what}: {names}"))
    else:
        console.print(Text.assemble(("\nready ", "green"), f"for {what}"))
