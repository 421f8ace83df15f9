"""CI for a project: GitHub Actions and GitLab, each on a simulator and on a machine with boards."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from edgeq import __version__
from edgeq.base.errors import UsageError
from edgeq.boards import Board
from edgeq.verbs.init.writing import filled

Provider = Literal["github", "gitlab"]

REQUIREMENTS = "requirements.txt"
_GIT_CONFIG = 1 << 20


def ci_files(chosen: Board, providers: tuple[Provider, ...]) -> dict[str, bytes]:
    """Contents by path.

    Args:
        chosen: what the simulator's job runs on.
        providers: for which servers.

    Raises:
        UsageError: nothing simulates the board.
    """
    if chosen.simulator is None and not chosen.is_host:
        raise UsageError(
            f"nothing simulates {chosen.id} by itself, and CI begins on a simulated board",
            "name one with --board (`edgeq boards list`)",
        )
    board = chosen.id
    files = {}
    if "github" in providers:
        files[".github/workflows/edgeq.yml"] = filled("github.yml", board=board)
        files[".github/actions/edgeq/action.yml"] = filled("action.yml")
    if "gitlab" in providers:
        files[".gitlab-ci.yml"] = filled("gitlab.yml", board=board)
    files["ci/Dockerfile"] = filled("Dockerfile", board=board)
    files[REQUIREMENTS] = filled("requirements.txt", version=__version__)
    return files


def provider_of(folder: Path) -> Provider:
    """The server of the folder's repository, by the addresses that git knows; GitHub where none tells."""
    for place in (folder.absolute(), *folder.absolute().parents):
        config = place / ".git" / "config"
        if config.is_file() and config.stat().st_size < _GIT_CONFIG:
            return "gitlab" if b"gitlab" in config.read_bytes().lower() else "github"
    return "github"
