"""Files in a folder that are samples: labels by sub-folder, by a list beside them, or by an export's list."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgeq.base.errors import DataError

_EXPORT = "info.labels"
"""What Edge Impulse writes beside the samples of an export."""
_LARGEST = 64 << 20


@dataclass(frozen=True)
class Labelled:
    """Files that are samples.

    Attributes:
        files: in a stable order.
        labels: a class number for each; None where there are none.
        notes: where labels are from.
    """

    files: tuple[Path, ...]
    labels: tuple[int, ...] | None
    notes: tuple[str, ...]

    def first(self, limit: int | None, what: str) -> Labelled:
        """So many of them, evenly spaced, so that each class is among them."""
        if limit is None or limit >= len(self.files):
            return self
        chosen = np.linspace(0, len(self.files) - 1, limit).round().astype(int)
        labels = None if self.labels is None else tuple(self.labels[i] for i in chosen)
        note = f"{limit} {what} are taken, evenly spaced."
        return Labelled(tuple(self.files[i] for i in chosen), labels, (*self.notes, note))


def kinds_in(folder: Path) -> frozenset[str]:
    """The suffixes, in lower case, of the files in a folder and in the folders in it."""
    found = (file for place in (folder, *_folders(folder)) for file in place.iterdir() if file.is_file())
    return frozenset(file.suffix.lower() for file in found)


def labelled_files(folder: Path, suffixes: Collection[str], what: str) -> Labelled:
    """The samples of a folder.

    Args:
        suffixes: of their names, in lower case.
        what: they are: ``"images"``.

    Raises:
        DataError: none are there, or labels do not match.
    """
    exported = _exported(folder, suffixes)
    if exported is not None:
        return exported
    grouped = [(place, found) for place in _folders(folder) if (found := _files(place, suffixes))]
    flat = _files(folder, suffixes)
    if not flat and not grouped:
        raise DataError(f"{folder} holds no {what}", f"known types: {', '.join(sorted(suffixes))}")
    if flat and grouped:
        raise DataError(
            f"{folder} has {what} both directly and in sub-folders",
            "use one sub-folder for each class, or none",
        )
    listing = next(
        (file for file in sorted(folder.iterdir()) if file.name.lower() in ("labels.csv", "labels.txt")), None
    )
    if grouped:
        numbers, note = _class_numbers([place.name for place, _ in grouped], listing)
        files = [file for _, found in grouped for file in found]
        labels = [numbers[place.name] for place, found in grouped for _ in found]
        return Labelled(tuple(files), tuple(labels), (note,))
    if listing is None:
        return Labelled(tuple(flat), None, (f"The {what} have no labels.",))
    by_name, note = _listed(listing)
    missing = [file.name for file in flat if file.name not in by_name]
    if missing:
        raise DataError(
            f"{listing} has no label for {len(missing)} {what}; the first is {missing[0]}",
            "each line is: file name, label",
        )
    return Labelled(tuple(flat), tuple(by_name[file.name] for file in flat), (note,))


def numbered(names: Collection[str]) -> tuple[dict[str, int], str]:
    """Class names as numbers: their own where all are such, else in alphabetical order; and a note."""
    order = sorted(set(names))
    if all(name.isdecimal() for name in order):
        return {name: int(name) for name in order}, "Labels are the numbers that name the classes."
    shown = ", ".join(f"{i} {name}" for i, name in enumerate(order[:10])) + (", …" if len(order) > 10 else "")
    return {name: i for i, name in enumerate(order)}, f"Classes are numbered in alphabetical order: {shown}."


def _folders(folder: Path) -> list[Path]:
    return sorted(place for place in folder.iterdir() if place.is_dir() and not place.name.startswith("."))


def _files(folder: Path, suffixes: Collection[str]) -> list[Path]:
    return sorted(f for f in folder.iterdir() if f.suffix.lower() in suffixes and f.is_file())


def _exported(folder: Path, suffixes: Collection[str]) -> Labelled | None:
    """By the list of Edge Impulse's exporter, in the folder or in the one above; None without it.

    https://docs.edgeimpulse.com/reference/info-labels-file-format
    """
    for place in (folder, folder.parent):
        if (place / _EXPORT).is_file():
            break
    else:
        return None
    listing = place / _EXPORT
    names = {}
    for one in _entries(listing):
        file = place / one["path"]
        inside = file.resolve().is_relative_to(folder.resolve())
        if inside and file.suffix.lower() in suffixes and file.is_file():
            names[file] = one["label"]["label"]
    if not names:
        return None
    numbers, note = numbered(names.values())
    files = tuple(sorted(names))
    return Labelled(
        files, tuple(numbers[names[file]] for file in files), (f"Labels are those of {listing.name}.", note)
    )


def _entries(listing: Path) -> list[Mapping[str, Any]]:
    try:
        if listing.stat().st_size > _LARGEST:
            raise ValueError("too large")
        found = json.loads(listing.read_bytes())["files"]
        good = [
            one for one in found if isinstance(one["path"], str) and isinstance(one["label"]["label"], str)
        ]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(
            f"{listing} is not a list of an Edge Impulse export", "export the data again, or remove the file"
        ) from error
    return good


def _class_numbers(names: list[str], listing: Path | None) -> tuple[dict[str, int], str]:
    if all(name.isdecimal() for name in names):
        return {name: int(name) for name in names}, "Labels are the numbers that name the sub-folders."
    if listing is not None:
        order = [row[0] for row in _rows(listing)]
        absent = [name for name in names if name not in order]
        if absent:
            raise DataError(
                f"{listing} does not list the sub-folder {absent[0]}", "one class name a line, in order"
            )
        return {name: order.index(name) for name in names}, f"Classes are numbered as in {listing.name}."
    shown = ", ".join(f"{i} {name}" for i, name in enumerate(names[:10])) + (", …" if len(names) > 10 else "")
    return {name: i for i, name in enumerate(names)}, f"Classes are the sub-folders in order: {shown}."


def _listed(listing: Path) -> tuple[dict[str, int], str]:
    """File name to label."""
    pairs = {}
    for number, row in enumerate(_rows(listing), 1):
        if len(row) != 2:
            raise DataError(
                f"{listing} line {number} is not a file name and a label", "each line is: name, label"
            )
        pairs[row[0]] = row[1]
    if all(label.isdecimal() for label in pairs.values()):
        return {name: int(label) for name, label in pairs.items()}, f"Labels are those of {listing.name}."
    if not any(label.isdecimal() for label in pairs.values()):
        order = sorted(set(pairs.values()))
        note = f"Classes of {listing.name} are numbered in alphabetical order: {', '.join(order[:10])}."
        return {name: order.index(label) for name, label in pairs.items()}, note
    raise DataError(f"{listing} has both numbers and names as labels", "use one or the other")


def _rows(listing: Path) -> list[list[str]]:
    try:
        text = listing.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {listing}: {error}") from error
    lines = [line for line in text.splitlines() if line.strip()]
    if any("," in line for line in lines):
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    else:
        rows = [line.split() for line in lines]
    heads = ("file", "filename", "image", "name", "path")
    return rows[1:] if rows and rows[0][0].lower() in heads else rows
