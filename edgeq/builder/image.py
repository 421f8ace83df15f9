"""The image: what building gives, and its record ``edgeq-build.json`` from which ``run`` goes on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from edgeq.base.errors import BuildError, UsageError
from edgeq.base.hints import command
from edgeq.boards import Board
from edgeq.builder.sizes import Sizes, read_sizes

BUILD_FOLDER = "build"
RECORD = "edgeq-build.json"
ELF = "firmware.elf"
MAP = "firmware.map"
LOG = "build.log"
MADE = frozenset({ELF, MAP, LOG, RECORD})
"""All that building leaves in the folder."""
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Image:
    """Built firmware.

    Attributes:
        elf: the ELF file, in ``project/build`` unless CMake was told otherwise.
        project: the project's folder.
        model_sha256: of the model file, in hex, as the firmware tells it.
        build_hash: 16 hex digits over sources, flags and compiler version, as the firmware tells it.
        toolchain: name and version (``"zig 0.15.1"``).
    """

    elf: Path
    project: Path
    board: Board
    model_sha256: str
    build_hash: str
    toolchain: str
    sizes: Sizes


@dataclass(frozen=True)
class _Record:
    """What CMake writes does without the last three: the project and the ELF tell them."""

    schema_version: int
    build_hash: str
    toolchain: str
    board: Board | None = None
    model_sha256: str | None = None
    sizes: Sizes | None = None


def record(image: Image) -> bytes:
    """The text of ``edgeq-build.json``: deterministic, without absolute paths."""
    values = {
        "schema_version": SCHEMA_VERSION,
        "board": image.board.model_dump(mode="json"),
        "model_sha256": image.model_sha256,
        "build_hash": image.build_hash,
        "toolchain": image.toolchain,
        "sizes": asdict(image.sizes),
    }
    return (json.dumps(values, indent=2) + "\n").encode()


def load_image(project: Path, folder: str = BUILD_FOLDER) -> Image:
    """The image that edgeq or CMake has built in a project folder.

    Args:
        folder: where in the project.

    Raises:
        UsageError: nothing was built there.
        BuildError: its record is not readable.
    """
    project = Path(project).resolve()
    again = f"build it first: {command('edgeq', 'build', project)}"
    if folder != BUILD_FOLDER:
        steps = command("cmake", "-B", folder), command("cmake", "--build", folder)
        again = f"build it there first: in {project} run {' && '.join(steps)}"
    path = project / folder / RECORD
    elf = project / folder / ELF
    if not path.is_file() or not elf.is_file():
        raise UsageError(f"{elf.parent} holds no built firmware", again)
    try:
        saved = TypeAdapter(_Record).validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        raise BuildError(f"{path} is not a valid build record", again) from error
    if saved.schema_version != SCHEMA_VERSION:
        raise BuildError(
            f"{path} is of schema version {saved.schema_version}, this edgeq reads {SCHEMA_VERSION}", again
        )
    board, model_sha256, sizes = saved.board, saved.model_sha256, saved.sizes
    if board is None or model_sha256 is None or sizes is None:
        from edgeq.builder.manifest import read_manifest

        manifest = read_manifest(project)
        board, model_sha256 = manifest.board, manifest.model.sha256
        sizes = read_sizes(elf, board, weights_hint=manifest.memory.weights)
    return Image(elf, project, board, model_sha256, saved.build_hash, saved.toolchain, sizes)
