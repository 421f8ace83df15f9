"""The calibrators by name, as ``--calibrator`` takes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from edgeq.base.errors import UsageError
from edgeq.converter.calibrate import Range
from edgeq.converter.calibrators.crossed import crossed
from edgeq.converter.calibrators.entropy import entropy
from edgeq.converter.calibrators.percentile import percentile
from edgeq.converter.calibrators.squared_error import squared_error
from edgeq.converter.statistics import Spread

Calibrator = Callable[[Spread], Range]
"""The range, (lowest, highest) real value, that an activation is quantized by."""

NAMES = ("crossed", "minmax", "percentile:P", "mse", "entropy")
"""``crossed`` is the automatic mode's own; P is a percentage such as 99.9."""


def calibrator(name: str) -> Calibrator:
    """The calibrator of a name.

    Raises:
        UsageError: there is none of this name, or its percentage is none.
    """
    plain: dict[str, Calibrator] = {
        "crossed": crossed,
        "minmax": lambda spread: spread.range,
        "mse": squared_error,
        "entropy": entropy,
    }
    if name in plain:
        return plain[name]
    kind, _, share = name.partition(":")
    if kind == "percentile":
        try:
            percent = float(share or "99.9")
        except ValueError:
            percent = 0.0
        if 50 < percent <= 100:
            return partial(percentile, percent=percent)
        raise UsageError(
            f"calibrator {name!r}: {share!r} is not a percentage above 50", "write it as percentile:99.9"
        )
    raise UsageError(f"there is no calibrator {name!r}", "take one of " + ", ".join(NAMES))
