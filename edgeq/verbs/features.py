"""``features``: what files become before a model sees them, in Python and in C."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import UsageError, VerdictError
from edgeq.base.files import refuse_existing_file, write_atomic
from edgeq.base.progress import SILENT, Progress
from edgeq.features.preprocessing import Preprocessing

if TYPE_CHECKING:
    from edgeq.features.form import Array
    from edgeq.judge.features import Proof

RANDOM = 1000
"""Random raw samples by which C is held against Python beside those of the files."""


@dataclass(frozen=True)
class FeaturesRequest:
    """What was asked for.

    Attributes:
        files: to be looked at; none for the random samples alone.
        preprocessing: the file that declares it; None to take it from ``model``.
        model: one that keeps it.
        plot: a PNG of the first sample's features.
        out: a .npz file for all features, as ``x``.
        force: replace them.
        signature: which of several models in that file; None for the only one.
    """

    files: tuple[Path, ...]
    preprocessing: Path | None = None
    model: Path | None = None
    plot: Path | None = None
    out: Path | None = None
    force: bool = False
    signature: str | None = None


@dataclass(frozen=True, eq=False)
class Shown:
    """A file's features: integers ``[n, ...]``."""

    path: Path
    features: Array

    def to_dict(self) -> dict[str, Any]:
        """Their number, their range, and themselves where they are of one sample."""
        return {
            "path": str(self.path),
            "samples": len(self.features),
            "shape": list(self.features.shape[1:]),
            "min": int(self.features.min()),
            "max": int(self.features.max()),
            "mean": float(self.features.mean()),
        }


@dataclass(frozen=True, eq=False)
class Features:
    """What came of it.

    Attributes:
        preprocessing: that made them.
        ram, flash: bytes that it takes on a device, beside raw sample and input.
        files: in the order given.
        proof: of C and Python.
    """

    preprocessing: Preprocessing
    ram: int
    flash: int
    files: Sequence[Shown]
    proof: Proof

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "preprocessing": self.preprocessing.to_json(),
            "ram": self.ram,
            "flash": self.flash,
            "files": [one.to_dict() for one in self.files],
            "proof": asdict(self.proof),
        }


def features(request: FeaturesRequest, progress: Progress = SILENT) -> Features:
    """Read files as raw samples, make features of them, and hold C against Python.

    Raises:
        UsageError: there is no preprocessing, or a file that would be overwritten.
        DataError: a file is damaged, or of another kind than the raw form.
        VerdictError: C gives other integers than Python.
        ToolMissingError, BuildError: C cannot be compiled here.
    """
    import numpy as np

    from edgeq.data.raw import read_raw
    from edgeq.features.picture import picture
    from edgeq.features.program import program
    from edgeq.judge.features import prove, random_raw

    if request.plot is not None and request.plot.suffix.lower() != ".png":
        raise UsageError(f"{request.plot} is to be a picture of features", "name it FILE.png")
    for target in (request.plot, request.out):
        if target is not None:
            refuse_existing_file(target, force=request.force)
    step = _preprocessing(request)
    raw = [read_raw(path, step.raw) for path in request.files if step.raw is not None]
    made = [step.integers(samples) for samples in raw]
    progress.stage("features", str(step))
    random = random_raw(step, RANDOM)
    proof = prove(step, np.concatenate([*raw, random]), np.concatenate([*made, *_in_parts(step, random)]))
    if proof.different:
        raise VerdictError(
            f"C gives other integers than Python for {proof.different} of {proof.values} features",
            "this is a fault of edgeq: report it with the declaration",
        )
    if request.plot is not None and made:
        write_atomic(request.plot, picture(made[0][0]), force=request.force)
    if request.out is not None and made:
        held = io.BytesIO()
        np.savez(held, x=np.concatenate(made))
        write_atomic(request.out, held.getvalue(), force=request.force)
    plan = program(step)
    shown = [Shown(*pair) for pair in zip(request.files, made, strict=True)]
    return Features(step, plan.ram, plan.flash, shown, proof)


def _in_parts(step: Preprocessing, raw: Array) -> list[Array]:
    """Not all at once: a spectrum of all frames is large."""
    return [step.integers(raw[at : at + 50]) for at in range(0, len(raw), 50)]


def _preprocessing(request: FeaturesRequest) -> Preprocessing:
    from edgeq.features.declaration import read_declaration
    from edgeq.graph import load_model

    if request.model is not None:
        kept = [
            step for step in load_model(request.model, request.signature)[1].preprocessing if step is not None
        ]
        found = next((step for step in kept if step.stages), None)
        if found is None:
            raise UsageError(
                f"{request.model} keeps no preprocessing of stages",
                "give it when converting, with --preprocessing",
            )
        return found
    if request.preprocessing is None:
        raise UsageError(
            "there is no preprocessing", "give --preprocessing FILE.toml, or --model with one that keeps it"
        )
    step = read_declaration(request.preprocessing)
    if not step.stages:
        raise UsageError(f"{request.preprocessing} has no stages", "give [[stages]]")
    return step
