"""How the device's outputs compare with the oracle's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from edgeq.judge.report.section import Schema, Section, count, record, text


@dataclass(frozen=True)
class Exactness(Section):
    """Counts over all samples.

    Attributes:
        oracle: who gave the expected outputs.
        samples: how many inputs were compared.
        outputs: how many output elements were compared, of all outputs and samples.
        exact: how many of ``outputs`` are equal.
        off_by_one: how many of ``outputs`` differ by exactly one.
        argmax_agree: for how many of ``samples`` the first output decides for the same class.
    """

    key: ClassVar[str] = "exactness"
    schema: ClassVar[Schema] = record(
        "The device against the oracle, in counts.",
        oracle=text("Interpreter, version and kernels."),
        samples=count("Inputs compared."),
        outputs=count("Output elements compared, of all outputs and samples."),
        exact=count("Elements equal to the oracle's."),
        off_by_one=count("Elements that differ by exactly one."),
        argmax_agree=count("Samples whose first output decides for the same class."),
    )

    oracle: str
    samples: int
    outputs: int
    exact: int
    off_by_one: int
    argmax_agree: int

    @property
    def is_exact(self) -> bool:
        """Whether every element is equal."""
        return self.exact == self.outputs
