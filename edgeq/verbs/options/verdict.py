"""What the verdict of a run asks: each row is a field of ``Thresholds`` of the same name."""

from __future__ import annotations

from typing import Any

from edgeq.verbs.options.option import Kind, Option


def _limit(name: str, kind: Kind, help: str, **more: Any) -> Option:  # noqa: A002  # as the field's name
    """A limit of the verdict on a run: a field of ``Thresholds`` of the same name."""
    key = f"thresholds.{name}"
    return Option(name, kind, help, ("deploy", "run"), key=key, excludes=("serve",), **more)


LIMITS: tuple[Option, ...] = (
    _limit("min_accuracy", "share", "Fail below this device accuracy: 0.9 or 90%.", metavar="SHARE"),
    _limit(
        "max_accuracy_drop", "share",
        "Fail if the device is further below the float model (without one: the int8 model) than this: 0.01 "
        "or 1%. Without it 5 points, and more than two samples, fail.",
        metavar="SHARE",
    ),
    _limit(
        "max_mae", "number", "Fail if the mean absolute error of a regression is more, on the device.", low=0,
        metavar="ERROR",
    ),
    _limit(
        "max_rmse", "number", "Fail if the root mean squared error of a regression is more, on the device.",
        low=0, metavar="ERROR",
    ),
    _limit("min_r2", "number", "Fail below this R² of a regression, on the device.", metavar="R2"),
    _limit(
        "max_instructions", "integer", "Fail if a warm inference takes more instructions.", low=1, metavar="N"
    ),
    _limit(
        "max_cycles", "integer",
        "Fail if a warm inference takes more cycles: counted on hardware, estimated on edgeq's simulated "
        "boards.",
        low=1, metavar="N", only="firmware",
    ),
    _limit(
        "max_latency", "number",
        "Fail if a warm inference takes more milliseconds; on hardware only, where cycles are counted and "
        "the clock is known.",
        low=0, above=True, metavar="MS", only="firmware",
    ),
    _limit(
        "require_exact", "switch",
        "Fail unless every output byte equals the oracle's, on an Edge TPU too; firmware fails without it.",
        default=False,
    ),
    _limit(
        "allow_inexact", "switch", "Only warn where firmware gives other outputs than the oracle.",
        default=False, only="firmware",
    ),
)  # fmt: skip
