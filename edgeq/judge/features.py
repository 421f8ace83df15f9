"""Whether the C of a pipeline gives the integers of its numpy, on this machine."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgeq.backends.project.features import check_files
from edgeq.base.errors import BuildError
from edgeq.features.form import Array
from edgeq.features.preprocessing import Preprocessing

_TIMEOUT = 120.0


@dataclass(frozen=True)
class Proof:
    """What came of it.

    Attributes:
        compiler: that made the C a program.
        samples: raw samples that both were given.
        values: features that were compared.
        different: how many of them are not the same.
    """

    compiler: str
    samples: int
    values: int
    different: int


def random_raw(step: Preprocessing, count: int, seed: int = 0) -> Array:
    """Seeded raw samples of all levels, from silence to both ends."""
    form = step.forms[0]
    random = np.random.default_rng(seed)
    limits = np.iinfo(form.numpy)
    bits = 8 * form.numpy.itemsize
    noise = random.integers(limits.min, limits.max, (count, *form.shape), dtype=form.numpy, endpoint=True)
    shift = random.integers(0, bits, count).reshape(-1, *[1] * len(form.shape))
    made: Array = (noise >> shift).astype(form.numpy)
    return made


def prove(step: Preprocessing, raw: Array, features: Array) -> Proof:
    """Compiles the C and gives it the raw samples that ``features`` were made of.

    Raises:
        ToolMissingError: there is no compiler.
        BuildError: it failed, or the program did.
    """
    from edgeq.builder.native import native_program

    with tempfile.TemporaryDirectory(prefix="edgeq-features-") as name:
        folder = Path(name)
        files = check_files(step)
        for file, data in files.items():
            (folder / file).write_bytes(data)
        sources = sorted(file for file in files if file.endswith(".c"))
        program, compiler = native_program(folder, sources)
        given = np.ascontiguousarray(raw).tobytes()
        try:
            done = subprocess.run(
                [str(program)], input=given, capture_output=True, timeout=_TIMEOUT, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BuildError(f"the features in C did not run on this machine: {error}") from error
    wanted = np.ascontiguousarray(features)
    if done.returncode != 0 or len(done.stdout) != wanted.nbytes:
        raise BuildError(f"the features in C ended with code {done.returncode} on this machine")
    got = np.frombuffer(done.stdout, wanted.dtype).reshape(wanted.shape)
    return Proof(compiler, len(raw), wanted.size, int((got != wanted).sum()))
