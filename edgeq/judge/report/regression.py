"""How far a regression's values are from the true ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from edgeq.judge.report.section import Schema, Section, number, record, text

Number = float | None


@dataclass(frozen=True)
class Errors:
    """Of one model, over all samples and all values of the judged output; in the unit of the data.

    Attributes:
        mae: the mean of the errors' absolute values.
        rmse: the root of the mean of their squares.
        r2: 1 - (sum of squared errors) / (sum of squared deviations of the true values from their mean, of
            each value of the output by itself); None where the true values never change.
        sqnr_db: the power of the float model's values over that of the difference from them, in dB; None for
            the float model itself, without one, and where there is no difference.
    """

    mae: float
    rmse: float
    r2: Number
    sqnr_db: Number = None


def _errors(description: str, *, null: bool = False) -> Schema:
    return record(
        description,
        null=null,
        mae=number("Mean absolute error.", minimum=0),
        rmse=number("Root of the mean squared error.", minimum=0),
        r2=number("Coefficient of determination, at most 1; null where y never changes.", maximum=1),
        sqnr_db=number("Signal to quantization noise against the float model; null without it or noise."),
    )


@dataclass(frozen=True)
class Regression(Section):
    """Errors of the values against the labels.

    Attributes:
        output: the name of the output that is judged.
        float: of the float model in the interpreter; None without one.
        int8: of the int8 model in the oracle.
        device: of the int8 model on the device.
    """

    key: ClassVar[str] = "regression"
    is_optional: ClassVar[bool] = True
    schema: ClassVar[Schema] = record(
        "Errors of one output's values; only where labels are the values of a regression.",
        output=text("The output that is judged."),
        float=_errors("Of the float model in the interpreter; null without one.", null=True),
        int8=_errors("Of the int8 model in the oracle."),
        device=_errors("Of the int8 model on the device."),
    )

    output: str
    float: Errors | None
    int8: Errors
    device: Errors
