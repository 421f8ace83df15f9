"""What is said of a conversion to int8, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from edgeq.graph import Graph

if TYPE_CHECKING:
    from edgeq.checker import Finding
    from edgeq.converter import InputStats
    from edgeq.data import Samples
    from edgeq.features import Preprocessing

Io = Literal["int8", "uint8", "float"]
Mode = Literal["auto", "minmax"]
Form = Literal["int8", "int16x8"]


@dataclass(frozen=True)
class Calibration:
    """How a float model is calibrated.

    Attributes:
        data: where the data is, or the data itself; None where none was given.
        random: calibrate on random numbers, which is for trying things out only.
        normalize: (mean, std) of image pixels.
        io: the type of the int8 model's inputs and outputs.
        form: what activations become: int8, or int16 beside int8 weights.
        mode: ``"auto"``, or ``"minmax"`` for TensorFlow's answer.
        calibrator: how the mode auto gets ranges; None for its own way.
        rewrite: put others in the place of operators that have no int8 form.
        input_stats: (mean, std) that fix the inputs' range, as older uint8 models state it; or by input name.
        default_ranges: (min, max) for what nothing is known of, without data: for trials of speed only.
        mixed: raise to int16 only the operators of an int8 model that cost most.
        max_drop: as many as keep this accuracy, on labelled samples: a share below the float model's.
        preprocessing: what makes the input of raw samples, or the file that says so.
    """

    data: Samples | None = None
    random: bool = False
    normalize: tuple[float, float] | None = None
    io: Io = "int8"
    form: Form = "int8"
    mode: Mode = "auto"
    calibrator: str | None = None
    rewrite: bool = False
    input_stats: InputStats | None = None
    default_ranges: tuple[float, float] | None = None
    mixed: bool = False
    max_drop: float | None = None
    preprocessing: Path | Preprocessing | None = None


@dataclass(frozen=True)
class Quantized:
    """An int8 model, and the float model that it was made from where there was one.

    Attributes:
        float_model: None, too, for a model that is real at its ends only: it is the int8 model.
        findings: what a reader of the report should know of the conversion.
    """

    model: bytes
    graph: Graph
    float_model: bytes | None = None
    findings: tuple[Finding, ...] = ()
