"""What a test asks of ``deploy`` by a marker, over what edgeq.toml says."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import UsageError
from edgeq.verbs.api.values import calibration_of
from edgeq.verbs.api.values import settings as checked
from edgeq.verbs.options import SETTINGS, options_of

if TYPE_CHECKING:
    from edgeq.verbs.calibration import Calibration
    from edgeq.verbs.settings import Settings

_CALIBRATING = ("random_calibration", "rewrite", "input_stats", "default_ranges", "mixed")
_MORE = ("data", "cpu", "flash")
_NOT_HERE = (
    "out",
    "force",
    "junit",
    "baseline",
    "tolerance",
    "update_baseline",
    "board",
    "runtime",
    "toolchain",
)


@dataclass(frozen=True)
class Asked:
    """Settings, how a float model is calibrated, and the rest of a request."""

    settings: Settings
    calibration: Calibration
    more: Mapping[str, Any]


def asked(options: Mapping[str, Any], settings: Settings, root: Path) -> Asked:
    """What a marker's options come to.

    Args:
        options: by their names in Python.
        settings: of edgeq.toml.
        root: the folder that paths are relative to.

    Raises:
        UsageError: there is no such option, or it does not take the value.
    """
    rows = {row.python: row for row in options_of("deploy")}
    known = {*rows, *_CALIBRATING, *_MORE} - set(_NOT_HERE)
    for name in options.keys() - known:
        near = difflib.get_close_matches(name, known, n=1)
        raise UsageError(
            f"the marker edgeq takes no option {name!r}",
            f"did you mean {near[0]!r}?" if near else "it takes those of edgeq.deploy",
        )
    values = {name: _placed(value, root) for name, value in options.items()}
    apart = {"calibration", *_CALIBRATING, *_MORE}
    named = {rows[name].name: value for name, value in values.items() if name not in apart}
    valid = checked(**{name: value for name, value in named.items() if name in SETTINGS})
    said = settings.override(**{name: getattr(valid, name) for name in named})
    how = {name: values[name] for name in _CALIBRATING if name in values}
    random = bool(how.pop("random_calibration", False))
    calibration = calibration_of(said, values.get("calibration"), random=random, **how)
    return Asked(said, calibration, {name: values[name] for name in _MORE if name in values})


def _placed(value: Any, root: Path) -> Any:
    """A path of the project's, whatever folder pytest was started in."""
    return str(root / value) if isinstance(value, str) and value and (root / value).exists() else value
