"""From a verb's flags to settings: the flags over environment and files, and what must be given is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edgeq.errors import UsageError

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.config import Settings


def settings_from(flags: Mapping[str, Any]) -> Settings:
    """The settings of the working folder, with a verb's flags on top.

    Args:
        flags: by parameter name; None where not given. Names that are no setting are left alone.
    """
    from edgeq.config import FLAG_NAMES, load_settings, parse_normalize, parse_share

    given = {name: value for name, value in flags.items() if name in FLAG_NAMES and value is not None}
    for name in ("min_accuracy", "max_accuracy_drop"):
        if name in given:
            given[name] = parse_share(given[name], "--" + name.replace("_", "-"))
    if "normalize" in given:
        given["normalize"] = parse_normalize(given["normalize"])
    return load_settings().override(**given)


def required_board(settings: Settings) -> Board:
    """The board that was asked for.

    Raises:
        UsageError: nobody named one.
        BoardError: there is no such board.
    """
    from edgeq.boards import list_boards, load_board

    if settings.board is None:
        known = ", ".join(board.id for board in list_boards())
        raise UsageError(
            "no board is given",
            f"give --board ID, or set EDGEQ_BOARD, or `board` in edgeq.toml; boards: {known}",
        )
    return load_board(settings.board)
