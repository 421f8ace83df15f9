"""Which project folder the user means."""

from __future__ import annotations

from pathlib import Path

from edgeq.base.errors import UsageError


def find_project(folder: Path) -> Path:
    """The project in a folder: the folder itself, or the ``project`` of an output folder of ``deploy``.

    Raises:
        UsageError: neither is there.
    """
    from edgeq.base.ownership import MANIFEST
    from edgeq.verbs.deploy import PROJECT

    if not folder.is_dir():
        raise UsageError(
            f"{folder} is not a folder" if folder.exists() else f"there is no folder {folder}",
            "give a project folder, as `edgeq generate` or `edgeq deploy` makes it",
        )
    inner = folder / PROJECT
    if (inner / MANIFEST).is_file():
        return inner
    if not (folder / MANIFEST).is_file():
        raise UsageError(
            f"{folder} is not a project folder: it holds no {MANIFEST}",
            "make one with `edgeq generate MODEL --board ID`",
        )
    return folder
