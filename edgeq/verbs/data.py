"""``data inspect`` and ``data split``: what there is, before anything is made of it."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edgeq.base.errors import DataError, UsageError
from edgeq.base.files import write_atomic

if TYPE_CHECKING:
    from edgeq.data.dataset import Array

_FEW = 0.5
"""A class with less than this share of what an even one would have is told."""
_PARTS = 1 << 32


@dataclass(frozen=True, eq=False)
class Given:
    """Samples as they are.

    Attributes:
        x: ``[n, ...]``.
        y: class numbers, or the values of a regression; None without labels.
        raw: what a sample is, in words; empty where only its numbers are known.
        origins: where each sample is from; equal ones stay together when samples are split.
        notes: what was done to have them.
    """

    x: Array
    y: Array | None
    raw: str
    origins: Sequence[str]
    notes: Sequence[str]


def given(spec: Path, preprocessing: Path | None = None, labels: str | None = None) -> Given:
    """Read samples without a model.

    Args:
        spec: a ``.npz`` (``x`` and ``y``), ``.npy``, ``.csv`` or ``.tfrecord`` file, or a folder of sounds,
            images or tables.
        preprocessing: declares what a raw sample is; None for what the files say.
        labels: the name of the array or column of labels.

    Raises:
        DataError: it cannot be read.
    """
    from edgeq.data.arrays import read_npy, read_npz
    from edgeq.data.load import kind_of, read_recordings
    from edgeq.data.match import LABELS
    from edgeq.data.records import read_records
    from edgeq.data.tables import labels_of, read_table
    from edgeq.features.declaration import read_declaration
    from edgeq.features.raw import Sensor

    kind = kind_of(str(spec))
    raw = None if preprocessing is None else read_declaration(preprocessing).raw
    if kind in ("sounds", "images", "tables") or (kind == "table" and isinstance(raw, Sensor)):
        found = read_recordings(spec, raw)
        return Given(found.x, found.y, str(found.raw), found.origins, found.notes)
    notes: Sequence[str] = ()
    y: Array | None
    if kind == "npy":
        x, y = read_npy(spec), None
    elif kind == "table":
        table = read_table(spec, labels)
        x, (y, notes) = table.values.astype(np.float32), labels_of(table)
    elif kind in ("npz", "records"):
        wanted = frozenset({"x", labels or LABELS})
        arrays = read_records(spec) if kind == "records" else read_npz(spec, wanted)[0]
        if "x" not in arrays:
            raise DataError(f"{spec} has no array x", "name the samples x and the labels y")
        x, y = arrays["x"], arrays.get(labels or LABELS)
    else:
        raise DataError(f"{spec} is a function: a file or a folder is wanted", "save a .npz first")
    if not x.ndim or not len(x) or (y is not None and len(y) != len(x)):
        raise DataError(
            f"{spec} has {len(x) if x.ndim else 0} samples and {0 if y is None else len(y)} labels",
            "give at least one sample, and a label for each",
        )
    keys = [hashlib.sha256(np.ascontiguousarray(one).tobytes()).hexdigest() for one in x]
    return Given(x, y, "", keys, notes)


def inspect(found: Given, source: str) -> dict[str, Any]:
    """What stands out: how many, of which classes, in which range. All that ``--json`` prints."""
    x = found.x.reshape(len(found.x), -1)
    info = np.iinfo(x.dtype.name) if x.dtype.kind in "iu" else None
    real = x.astype(np.float64)
    told: dict[str, Any] = {
        "source": source,
        "samples": len(x),
        "shape": list(found.x.shape[1:]),
        "dtype": str(x.dtype),
        "raw": found.raw or None,
        "min": float(np.nanmin(real)),
        "max": float(np.nanmax(real)),
        "mean": float(np.nanmean(real)),
        "std": float(np.nanstd(real)),
        "not_finite": int((~np.isfinite(real)).sum()),
        "at_limits": None if info is None else float(((x == info.min) | (x == info.max)).mean()),
        "constant": int((real.max(axis=1) == real.min(axis=1)).sum()),
        "copies": len(x) - len({one.tobytes() for one in np.ascontiguousarray(x)}),
        "classes": None,
        "notes": list(found.notes),
    }
    if found.y is not None and found.y.dtype.kind in "iu" and found.y.ndim == 1:
        counts = Counter(found.y.tolist())
        told["classes"] = {str(label): counts[label] for label in sorted(counts)}
    told["warnings"] = list(_warnings(told))
    return told


def _warnings(told: dict[str, Any]) -> list[str]:
    found = []
    if told["not_finite"]:
        found.append(f"{told['not_finite']:,} values are not finite")
    if told["copies"]:
        found.append(f"{told['copies']:,} samples are copies of others")
    if told["constant"]:
        found.append(f"{told['constant']:,} samples are one value throughout, as silence or a blank picture")
    if told["at_limits"] is not None and told["at_limits"] > 0.01 and told["dtype"] == "int16":
        found.append(f"{100 * told['at_limits']:.1f} % of the values are at the limits: it is clipped")
    classes = told["classes"]
    if classes:
        even = told["samples"] / len(classes)
        few = [label for label, count in classes.items() if count < _FEW * even]
        if few:
            found.append(f"few samples of {', '.join(few)}: an accuracy over all hides what becomes of them")
        missing = sorted(set(range(max(map(int, classes)) + 1)) - set(map(int, classes)))
        if missing:
            found.append(f"no samples of {', '.join(map(str, missing[:20]))}")
    return found


def split(found: Given, test: float, out: Path, *, seed: int = 0, force: bool = False) -> dict[str, Any]:
    """Write ``train.npz`` and ``test.npz`` into a folder.

    In which part a sample falls is a matter of where it is from (its file's name; of arrays its bytes) and of
    the seed alone: what was split before stays where it was when samples are added, all windows of one file
    are in one part, and so are copies.

    Args:
        test: the share of the test data, 0 to 1.
        out: the folder.

    Raises:
        UsageError: a part would be empty, or a file exists.
    """
    from edgeq.base.files import refuse_existing_file

    files = {"train": out / "train.npz", "test": out / "test.npz"}
    for file in files.values():
        refuse_existing_file(file, force=force)
    places = [_place(origin, seed) < test * _PARTS for origin in found.origins]
    parts = {"train": [i for i, is_test in enumerate(places) if not is_test],
             "test": [i for i, is_test in enumerate(places) if is_test]}  # fmt: skip
    empty = [name for name, chosen in parts.items() if not chosen]
    if empty:
        raise UsageError(
            f"no sample falls into {empty[0]}.npz: there are {len(set(found.origins))} different ones",
            "give more of them, another share, or another --seed",
        )
    out.mkdir(parents=True, exist_ok=True)
    told: dict[str, Any] = {}
    for name, chosen in parts.items():
        arrays: dict[str, Any] = {"x": found.x[chosen]}
        if found.y is not None:
            arrays["y"] = found.y[chosen]
        text = io.BytesIO()
        np.savez_compressed(text, **arrays)
        write_atomic(files[name], text.getvalue(), force=force)
        told[name] = {"file": str(files[name]), "samples": len(chosen)}
    return told


def _place(origin: str, seed: int) -> int:
    digest = hashlib.sha256(f"{seed}/{origin}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
