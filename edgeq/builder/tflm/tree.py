"""The folder that a user gives: TensorFlow Lite Micro's tree, or an install of its headers and libraries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edgeq.base.errors import BuildError, UsageError

Kernels = Literal["reference", "cmsis_nn"]

MADE_FOR = "90b983c2b3f1480642e040bbd2ddb37b998f3424"
"""The commit of tflite-micro that edgeq's scaffold was made for and run with."""
SCHEMA_VERSION = 3

INTERPRETER = "tensorflow/lite/micro/micro_interpreter.h"
_RESOLVER = "tensorflow/lite/micro/micro_mutable_op_resolver.h"
_SCHEMA = "tensorflow/lite/schema/schema_generated.h"
_KERNELS = "tensorflow/lite/micro/kernels"
_FLATBUFFERS = "flatbuffers/base.h"
DOWNLOADS = "tensorflow/lite/micro/tools/make/downloads"
_LIBRARIES = ("*.a", "lib/*.a", "gen/*/lib/*.a")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Tree:
    """TFLM's headers and libraries.

    Attributes:
        root: what the user gave.
        headers: the folder that ``tensorflow/lite/…`` is in.
        includes: the folders for the compiler, ``headers`` first.
        commit: of the checkout, 40 hex digits; None where the folder is no checkout.
        adds: the ``Add…`` methods of its MicroMutableOpResolver.
        registrations: the ``Register_…`` functions that its headers declare.
        libraries: the static libraries found, sorted.
    """

    root: Path
    headers: Path
    includes: tuple[Path, ...]
    commit: str | None
    adds: frozenset[str]
    registrations: frozenset[str]
    libraries: tuple[Path, ...]


def open_tree(root: Path) -> Tree:
    """Find and verify the headers.

    Args:
        root: a checkout of tflite-micro in which ``make … microlite`` was run, or a folder with ``include/``
            and ``lib/``.

    Raises:
        UsageError: there is no TFLM there.
        BuildError: its parts do not fit each other, or its schema is not the one of edgeq.
    """
    root = root.expanduser().resolve()
    headers = next((place for place in (root, root / "include") if (place / INTERPRETER).is_file()), None)
    if headers is None:
        raise UsageError(
            f"{root} holds no TensorFlow Lite Micro: there is no {INTERPRETER}",
            "give a checkout of github.com/tensorflow/tflite-micro, or a folder with its include/ and lib/",
        )
    interpreter, resolver, schema = (_text(headers / name) for name in (INTERPRETER, _RESOLVER, _SCHEMA))
    version = re.search(r"TFLITE_SCHEMA_VERSION\s*\(?(\d+)", interpreter)
    if version is None or int(version[1]) != SCHEMA_VERSION:
        raise BuildError(
            f"{headers} has schema version {version[1] if version else 'unknown'}; "
            f"models are of version {SCHEMA_VERSION}",
            f"check out the commit that edgeq was made for: git checkout {MADE_FOR}",
        )
    third = [headers / DOWNLOADS, headers / "third_party", headers]
    flatbuffers = _place(third, "flatbuffers/include", _FLATBUFFERS)
    _same_flatbuffers(schema, flatbuffers)
    optional = (
        _place(third, name, probe)
        for name, probe in (
            ("gemmlowp", "fixedpoint/fixedpoint.h"),
            ("ruy", "ruy/profiler/instrumentation.h"),
        )
    )
    found = sorted(path for pattern in _LIBRARIES for path in root.glob(pattern) if path.is_file())
    declared = "".join(_text(path) for path in sorted((headers / _KERNELS).glob("*.h")))
    return Tree(
        root=root,
        headers=headers,
        includes=(headers, flatbuffers, *optional),
        commit=_commit(root),
        adds=frozenset(re.findall(r"TfLiteStatus (Add\w+)\(", resolver)),
        registrations=frozenset(re.findall(r"\b(Register_\w+)\(", declared)),
        libraries=tuple(found),
    )


def _place(candidates: list[Path], name: str, probe: str) -> Path:
    for base in candidates:
        for place in (base / name, base):
            if (place / probe).is_file():
                return place
    raise BuildError(
        f"TFLM's headers need {name.split('/', maxsplit=1)[0]}, which is not in {candidates[0]}",
        "run TFLM's own `make -f tensorflow/lite/micro/tools/make/Makefile third_party_downloads`",
    )


def _same_flatbuffers(schema: str, folder: Path) -> None:
    """The schema's header asserts one exact version of flatbuffers: say so before the compiler does."""
    wanted = re.findall(r"FLATBUFFERS_VERSION_(?:MAJOR|MINOR|REVISION) == (\d+)", schema)
    base = _text(folder / _FLATBUFFERS)
    have = re.findall(r"#define FLATBUFFERS_VERSION_(?:MAJOR|MINOR|REVISION) (\d+)", base)
    if wanted and wanted != have:
        raise BuildError(
            f"TFLM's schema header is made for flatbuffers {'.'.join(wanted)}, and {folder} has "
            f"{'.'.join(have) or 'an unknown version'}",
            "remove TFLM's downloads folder, and let its Makefile fetch what this commit pins",
        )


def _commit(root: Path) -> str | None:
    """The commit that is checked out, as far as git's plain files tell it."""
    git = root / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="ascii").strip()
        name = head.removeprefix("ref: ")
        if name == head:
            return head if _COMMIT.fullmatch(head) else None
        loose = git / name
        if loose.is_file():
            return loose.read_text(encoding="ascii").strip()
        packed = (git / "packed-refs").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None
    match = re.search(rf"^([0-9a-f]{{40}}) {re.escape(name)}$", packed, re.MULTILINE)
    return match[1] if match else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise BuildError(
            f"cannot read {path}: {error.strerror or error}", "TFLM's tree is not whole: check it out again"
        ) from error
