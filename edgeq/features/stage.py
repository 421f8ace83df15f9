"""What a stage of a pipeline is: its parameters, its integers in numpy, and its C."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from edgeq.features.form import Array, Form


@dataclass(frozen=True, eq=False)
class Kernel:
    """A stage's C: one call, ``function(&params, input, output)``, then scratch and state where it has any.

    Attributes:
        function: the name; its file in ``firmware_templates/features/`` is called like it.
        fields: of the parameters' struct, ``<function>_params``: integers, the names of tables, or None for a
            table that it does without.
        tables: constants by name.
        scratch: bytes that it needs while it runs.
        state: bytes that it keeps from row to row, zero at first.
    """

    function: str
    fields: Mapping[str, int | str | None]
    tables: Mapping[str, Array] = field(default_factory=dict)
    scratch: int = 0
    state: int = 0

    @property
    def flash(self) -> int:
        """Bytes of constants."""
        return sum(table.nbytes for table in self.tables.values())


@dataclass(frozen=True)
class Stage(ABC):
    """One stage; its fields are its parameters, as tables and metadata give them.

    Attributes:
        name: as the key ``stage`` gives it.
        rows: whether it works on each row of what it gets (the last axis, whatever stands before). The others
            work on a whole sample.
        first: whether it can only be the first of a pipeline.
    """

    name: ClassVar[str]
    rows: ClassVar[bool] = True
    first: ClassVar[bool] = False

    @abstractmethod
    def of(self, given: Form) -> Form:
        """What becomes of a form.

        Raises:
            ValueError: it does not take that form, with these parameters.
        """

    @abstractmethod
    def apply(self, values: Array, given: Form) -> Array:
        """What becomes of samples ``[n, *given.shape]``: the very integers that the C gives."""

    @abstractmethod
    def kernel(self, given: Form) -> Kernel:
        """The C of one row, or of a whole sample."""

    def to_json(self) -> dict[str, Any]:
        """Its name and its parameters."""
        return {"stage": self.name, **vars(self)}

    def __str__(self) -> str:
        """``log(offset=1)``."""
        told = ", ".join(f"{one.name}={getattr(self, one.name)}" for one in fields(self))
        return f"{self.name}({told})"


def whole(name: str, value: object, low: int, high: int) -> int:
    """A whole number within bounds.

    Raises:
        ValueError: it is none.
    """
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{name} is a whole number from {low} to {high}")
    return value


def real(name: str, value: object, low: float, high: float) -> float:
    """A number within bounds.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} is a number")
    if not low <= value <= high:
        raise ValueError(f"{name} is a number from {low:g} to {high:g}")
    return float(value)


def choice(name: str, value: object, choices: tuple[str, ...]) -> str:
    """One of some words.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is one of {', '.join(choices)}")
    return value


def takes(stage: Stage, given: Form, dtype: str, axes: int | None = None) -> None:
    """Refuse another type, or another number of axes.

    Raises:
        ValueError: it is another one.
    """
    if given.dtype != dtype or (axes is not None and len(given.shape) != axes) or not given.shape:
        wanted = dtype if axes is None else f"{dtype} of {axes} ax{'is' if axes == 1 else 'es'}"
        raise ValueError(f"the stage {stage.name} takes {wanted}, and gets {given}")
