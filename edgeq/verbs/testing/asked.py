"""What a test asks of ``deploy`` by a marker, over what edgeq.toml says."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import UsageError
from edgeq.judge.report.limits import Limits
from edgeq.verbs.api import deploy
from edgeq.verbs.api.values import calibration_of, settings_in
from edgeq.verbs.options import SETTINGS, Option, options_of
from edgeq.verbs.settings import placed

if TYPE_CHECKING:
    from edgeq.verbs.calibration import Calibration
    from edgeq.verbs.settings import Settings

_CALIBRATING = ("random_calibration", "rewrite", "input_stats", "default_ranges", "mixed", "preprocessing")
_OF_THE_PLUGIN = (
    "model",
    "board",
    "runtime",
    "toolchain",
    "out",
    "force",
    "junit",
    "baseline",
    "tolerance",
    "update_baseline",
    "limits",
    "progress",
)
OPTIONS = ({*inspect.signature(deploy).parameters} | Limits.__annotations__.keys()) - {*_OF_THE_PLUGIN}
"""What a marker may say: what ``edgeq.deploy`` takes and the plugin does not say itself."""


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
    for name in options.keys() - OPTIONS:
        near = difflib.get_close_matches(name, OPTIONS, n=1)
        raise UsageError(
            f"the marker edgeq takes no option {name!r}",
            f"did you mean {near[0]!r}?" if near else "it takes those of edgeq.deploy",
        )
    rows = {row.python: row for row in (*SETTINGS.values(), *options_of("deploy"))}
    values = {name: _placed(rows[name], value, root) for name, value in options.items()}
    said = settings.override(**settings_in(values))
    how = {name: values.pop(name) for name in _CALIBRATING if name in values}
    random = bool(how.pop("random_calibration", False))
    calibration = calibration_of(said, values.pop("calibration", None), random=random, **how)
    more = {name: of for name, of in values.items() if name == "data" or rows[name].name not in SETTINGS}
    return Asked(said, calibration, more)


def _placed(row: Option, value: Any, root: Path) -> Any:
    """A path of the project's, whatever folder pytest was started in."""
    return placed(row, str(value), root) if isinstance(value, str | PathLike) else value
