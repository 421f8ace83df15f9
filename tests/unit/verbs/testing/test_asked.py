"""What a marker says of ``deploy``: every option that ``edgeq.deploy`` takes comes into the request."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeq.base.errors import UsageError
from edgeq.verbs.from_settings import deploy_request
from edgeq.verbs.options import SETTINGS, Option, options_of
from edgeq.verbs.settings import Settings
from edgeq.verbs.testing.asked import OPTIONS, asked

ROWS = {row.python: row for row in (*SETTINGS.values(), *options_of("deploy"))}


def value(row: Option) -> Any:
    """A value that the option's type takes, and that is not its default."""
    if row.name == "default_ranges":
        return (-1.0, 1.0)
    return {
        "flag": not row.is_opposite,
        "switch": True,
        "choice": next((name for name in row.names if name != row.default), None),
        "share": 0.9,
        "mean_std": (127.5, 127.5),
        "integer": int(row.low or 0) + 1,
        "number": 1.0,
        "words": ("x", "y"),
    }.get(row.kind, (1.0, 2.0) if row.name == "input_stats" else "x")


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_every_option_of_deploy_is_taken(name: str, tmp_path: Path) -> None:
    said, plain = (asked(given, Settings(), tmp_path) for given in ({name: value(ROWS[name])}, {}))
    assert said != plain
    assert said.more.keys() <= inspect.signature(deploy_request).parameters.keys()


def test_what_is_no_option_is_refused() -> None:
    for name in ("json", "board", "force", "limits"):
        with pytest.raises(UsageError, match=f"no option {name!r}"):
            asked({name: 1}, Settings(), Path())


def test_paths_are_below_the_root_and_names_are_none(tmp_path: Path) -> None:
    (tmp_path / "y").mkdir()
    x = np.zeros((1, 2))
    said = asked({"data": "d.npz", "calibration": x, "labels": "y"}, Settings(), tmp_path)
    assert said.more == {"data": str(tmp_path / "d.npz")}
    assert said.calibration.data is x
    assert said.settings.labels == "y"
    assert asked({"data": "mine:samples"}, Settings(), tmp_path).more == {"data": "mine:samples"}
