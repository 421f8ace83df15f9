"""What ``generate`` makes: a folder of C that builds into firmware."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from edgeq import __version__
from edgeq.backends.project.choices import Choice
from edgeq.backends.project.tensors import TensorInfo
from edgeq.base.folders import OutputFolder
from edgeq.base.ownership import MANIFEST, sealed
from edgeq.base.progress import SILENT, Progress
from edgeq.builder.image import BUILD_FOLDER, MADE
from edgeq.features.preprocessing import Steps

LATER = (
    *(f"{BUILD_FOLDER}/{name}" for name in sorted(MADE)),
    "flash.log",
    "serial.log",
    "serial.log.1",
    "journal.jsonl",
)
"""What building, flashing and running add to a project."""


@dataclass(frozen=True, eq=False)
class Project:
    """A generated project, not yet written.

    Attributes:
        files: contents by relative POSIX path; the same bytes on every run.
        manifest: what ``edgeq.json`` holds.
        model: the .tflite file that it was made from.
        board: the board's id.
        choices: of kernels, by step, where they were asked for.
    """

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    model: bytes
    board: str
    choices: tuple[Choice, ...] = ()

    def write(self, folder: Path, *, force: bool = False, progress: Progress = SILENT) -> None:
        """Writes the folder as a whole, or not at all.

        Raises:
            UsageError: in the folder is something of the user's, and ``force`` is not given; or edgeq did not
                make it.
        """
        with OutputFolder(folder, force=force, progress=progress) as place:
            for path, data in self.files.items():
                target = place.joinpath(*PurePosixPath(path).parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)


class Described(Protocol):
    """A network as a backend has described it, as far as every manifest tells of it."""

    @property
    def name(self) -> str:
        """The model's name, safe to print."""

    @property
    def sha256(self) -> str:
        """Of the model's file."""

    @property
    def model_bytes(self) -> int:
        """The size of the model's file."""

    @property
    def inputs(self) -> Sequence[TensorInfo]:
        """The model's inputs."""

    @property
    def outputs(self) -> Sequence[TensorInfo]:
        """The model's outputs."""


def stamped(stage: str, facts: Mapping[str, object]) -> dict[str, Any]:
    """A manifest: what every one begins with, and its own facts."""
    return {"schema_version": 1, "tool": f"edgeq {__version__}", "stage": stage, **facts}


PREPROCESSING = "preprocessing"
"""The key of :func:`preprocessing_facts` in a manifest."""


def preprocessing_facts(steps: Steps) -> dict[str, object]:
    """What raw values of each input undergo, or null; nothing where all are taken as they are."""
    told = [None if step is None else step.to_json() for step in steps]
    return {PREPROCESSING: told} if any(steps) else {}


def _facts_of(tensor: TensorInfo) -> dict[str, Any]:
    return {
        "name": tensor.name,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "scale": tensor.scale,
        "zero_point": tensor.zero_point,
    }


def sources_of(files: Mapping[str, bytes]) -> list[str]:
    """What is compiled."""
    return sorted(path for path in files if path.endswith((".c", ".cc")))


def folders_of(files: Mapping[str, bytes]) -> list[str]:
    """Where headers are."""
    return sorted({str(PurePosixPath(path).parent) for path in files if path.endswith(".h")})


def with_manifest(
    files: Mapping[str, bytes], network: Described, made: Mapping[str, object], **more: object
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files with their manifest added, and the manifest.

    Args:
        files: contents by path.
        network: of which model.
        made: what the folder is: its runtime and board, or its format.
        more: what only this backend tells.
    """
    manifest = stamped(
        "generate",
        {
            **made,
            "model": {"name": network.name, "sha256": network.sha256, "bytes": network.model_bytes},
            "inputs": [_facts_of(tensor) for tensor in network.inputs],
            "outputs": [_facts_of(tensor) for tensor in network.outputs],
            **preprocessing_facts(tuple(tensor.preprocessing for tensor in network.inputs)),
            "later": list(LATER),
            **more,
            "sources": sources_of(files),
            "include_dirs": folders_of(files),
            "files": {path: hashlib.sha256(data).hexdigest() for path, data in sorted(files.items())},
        },
    )
    manifest = sealed(manifest)
    text = json.dumps(manifest, indent=2, ensure_ascii=True) + "\n"
    return dict(sorted([*files.items(), (MANIFEST, text.encode())])), manifest
