"""CSV: a sample a row, or readings of a sensor one below the other."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError
from edgeq.data.dataset import Array
from edgeq.data.folders import labelled_files, numbered
from edgeq.data.recordings import Recordings, gathered, windows
from edgeq.features.raw import Sensor

TABLES = frozenset({".csv"})
_LARGEST = 1 << 30
CLASSES = ("label", "class", "target")
"""Names of columns of labels; of samples ``y`` is one, too, of readings it is an axis."""
_TIMES = ("timestamp", "time", "t", "index")
"""Names of columns that number the rows, and are no values."""


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers by row.

    Attributes:
        columns: their names; empty where the file names none.
        values: float64 ``[rows, columns]``.
        labels: of each row; None where no column has them.
    """

    columns: tuple[str, ...]
    values: npt.NDArray[np.float64]
    labels: tuple[str, ...] | None


def read_table(file: Path, labels: str | None = None, usual: Sequence[str] = ("y", *CLASSES)) -> Table:
    """A CSV file; a row of names may stand first.

    Args:
        labels: the column of labels; None for the first of the usual ones that is there.
        usual: their names, in lower case.

    Raises:
        DataError: it cannot be read, rows differ in length, or a cell is no number.
    """
    rows = _rows(file)
    names = [] if _is_numbers(rows[0]) else [cell.strip() for cell in rows[0]]
    body = rows[1:] if names else rows
    if not body:
        raise DataError(f"{file} holds no rows of numbers", "give a row for each sample or reading")
    if labels is not None and labels not in names:
        raise DataError(
            f"{file} has no column {labels} for the labels; it has {', '.join(names) or 'no names'}",
            "name the column of labels with --labels",
        )
    lower = [name.lower() for name in names]
    found = labels if labels is not None else next((names[lower.index(n)] for n in usual if n in lower), None)
    at = None if found is None else names.index(found)
    kept = [i for i in range(len(body[0])) if i != at and not (names and lower[i] in _TIMES)]
    values = np.empty((len(body), len(kept)))
    for number, row in enumerate(body):
        where = f"{file} line {number + 1 + bool(names)}"
        if len(row) != len(rows[0]):
            raise DataError(
                f"{where} has {len(row)} cells, and the first has {len(rows[0])}",
                "every row has a cell for each column",
            )
        try:
            values[number] = [float(row[i]) for i in kept]
        except ValueError as error:
            raise DataError(f"{where}: {error}", "every cell but those of labels is a number") from error
    told = None if at is None else tuple(row[at].strip() for row in body)
    return Table(tuple(names[i] for i in kept) if names else (), values, told)


def labels_of(table: Table) -> tuple[Array | None, tuple[str, ...]]:
    """The labels of a table's rows: class numbers, or the values of a regression; and notes."""
    if table.labels is None:
        return None, ()
    if _is_numbers(table.labels):
        numbers = np.array([float(one) for one in table.labels])
        whole = all(one.lstrip("+-").isdecimal() for one in table.labels)
        return (numbers.astype(np.int64) if whole else numbers.astype(np.float32)), ()
    by_name, note = numbered(table.labels)
    return np.array([by_name[one] for one in table.labels], np.int64), (note,)


def read_readings(path: Path, form: Sensor | None, limit: int | None = None) -> Recordings:
    """Readings of a sensor, as windows of the form's length: of a file, or of the files of a folder.

    In a file with labels a window never holds two of them.

    Args:
        form: what a raw sample is; None for the whole of the longest file, at a rate of one a second.
        limit: take no more files than this, evenly spaced.

    Raises:
        DataError: no readings, other columns than channels, or numbers that are no int16.
    """
    if path.is_dir():
        found = labelled_files(path, TABLES, "tables").first(limit, "tables")
        files, classes, notes = found.files, found.labels, list(found.notes)
    else:
        files, classes, notes = (path,), None, []
    read = [(file, read_table(file, usual=CLASSES)) for file in files]
    if form is None:
        longest = max(len(table.values) for _, table in read)
        form = Sensor(min(longest, (1 << 16) - 1), read[0][1].values.shape[1], 1.0)
    parts: list[tuple[str, Sequence[Array], int | None]] = []
    for place, (file, table) in enumerate(read):
        values = readings_of(table, form, file)
        name = file.name if path == file else str(file.relative_to(path))
        if classes is not None or table.labels is None:
            parts.append((name, windows(values, form.window), None if classes is None else classes[place]))
            continue
        y, told = labels_of(table)
        if y is None or y.dtype.kind != "i":
            raise DataError(f"{file} has labels that are no classes", "give a class for each reading")
        notes += told
        edges = [0, *(np.flatnonzero(np.diff(y)) + 1).tolist(), len(values)]
        for start, end in itertools.pairwise(edges):
            if end - start >= form.window:
                parts.append((name, windows(values[start:end], form.window), int(y[start])))
    return gathered(parts, form, str(path), notes)


def readings_of(table: Table, form: Sensor, file: Path) -> Array:
    """A table's values as a sensor's, int16 ``[n, channels]``.

    Raises:
        DataError: other columns than channels, or numbers that are no int16.
    """
    if table.values.shape[1] != form.channels:
        raise DataError(
            f"{file} has {table.values.shape[1]} columns of values, and the sensor {form.channels} channels",
            "give a column for each channel; columns called timestamp, time or label are left out",
        )
    with np.errstate(invalid="ignore"):  # what is none does not come back the same
        whole = table.values.astype(np.int16)
    if not np.array_equal(whole, table.values):
        raise DataError(
            f"{file} has values that are no int16, as the device's sensor gives",
            "write the sensor's own counts: a value times the counts a unit, rounded",
        )
    return whole


def _rows(file: Path) -> list[list[str]]:
    try:
        if file.stat().st_size > _LARGEST:
            raise DataError(f"{file} is larger than {_LARGEST >> 20} MB", "cut it, or give a .npz file")
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {file}: {error}", "give a table as CSV in UTF-8") from error
    lines = [line for line in text.splitlines() if line.strip()]
    mark = ";" if lines and ";" in lines[0] else "\t" if lines and "\t" in lines[0] else ","
    try:
        rows = list(csv.reader(lines, delimiter=mark))
    except csv.Error as error:
        raise DataError(f"cannot read {file}: {error}", "give a table as CSV in UTF-8") from error
    if not rows:
        raise DataError(f"{file} is empty", "give a row for each sample or reading")
    return rows


def _is_numbers(cells: Sequence[str]) -> bool:
    try:
        return all(np.isfinite(float(cell)) for cell in cells)
    except ValueError:
        return False
