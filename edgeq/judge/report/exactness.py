"""How the device's outputs compare with the oracle's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from edgeq.judge.report.section import Schema, Section, count, record, text


@dataclass(frozen=True)
class Difference:
    """One output element that is not the oracle's.

    Attributes:
        sample: its index in the data.
        output: the index of the model's output, and ``tensor`` its name.
        element: its index in the flattened output of one sample.
        expected, got: the integers of the oracle and of the device.
    """

    sample: int
    output: int
    tensor: str
    element: int
    expected: int
    got: int

    def __str__(self) -> str:
        where = f"sample {self.sample}, output {self.output} ('{self.tensor}'), element {self.element}"
        return f"{where}: {self.got} instead of {self.expected}"


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
        max_difference: by how much an element differs at most, 0 where all are equal; None for real numbers
            that come from no integers.
        first: the first element that differs, by sample, then by output; None where all are equal, or where
            an output is of real numbers.
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
        max_difference=count("What an element differs by at most; null for real numbers.", null=True),
        first=record(
            "The first element that differs; null where none does, or outputs are real numbers.",
            null=True,
            sample=count("Its index in the data."),
            output=count("The index of the model's output."),
            tensor=text("That output's name."),
            element=count("The index in the flattened output of one sample."),
            expected={"type": "integer", "description": "The oracle's value."},
            got={"type": "integer", "description": "The device's."},
        ),
    )

    oracle: str
    samples: int
    outputs: int
    exact: int
    off_by_one: int
    argmax_agree: int
    max_difference: int | None = 0
    first: Difference | None = None

    @property
    def is_exact(self) -> bool:
        """Whether every element is equal."""
        return self.exact == self.outputs

    @property
    def different(self) -> int:
        """How many elements differ."""
        return self.outputs - self.exact

    def __str__(self) -> str:
        """How many of how many differ, by how much and where first."""
        told = f"{self.different:,} of {self.outputs:,} output elements differ from {self.oracle}"
        told += f" ({self.off_by_one:,} by one"
        if self.max_difference is not None:
            told += f", none by more than {self.max_difference}"
        return f"{told}); the first in {self.first}" if self.first is not None else f"{told})"
