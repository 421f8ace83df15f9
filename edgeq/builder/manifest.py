"""What building reads of a project's ``edgeq.json``."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from edgeq.base.errors import BuildError, UsageError
from edgeq.base.ownership import MANIFEST
from edgeq.boards import BOARD_FILE, Board, load_board, read_board
from edgeq.builder.tflm import Kernels

_SCHEMA_VERSION = 1


class _Part(BaseModel):
    # Other keys are for other readers: the manifest is validated by who writes it.
    model_config = ConfigDict(extra="ignore", frozen=True)


class Model(_Part):
    """The model that the project was generated from."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Memory(_Part):
    """What the plan says, in bytes."""

    arena: int = Field(ge=0)
    weights: int = Field(ge=0)


class Tflm(_Part):
    """What a project around TensorFlow Lite Micro needs of it."""

    adds: tuple[str, ...]
    registrations: tuple[str, ...]
    kernels: Kernels | None = None


class Manifest(_Part):
    """The part of the manifest that building needs; paths are relative to the project."""

    schema_version: int
    model: Model
    board: Board
    memory: Memory
    runtime: str = "aot"
    tflm: Tflm | None = None
    sources: tuple[str, ...] = Field(min_length=1)
    include_dirs: tuple[str, ...]

    @model_validator(mode="before")
    @classmethod
    def _is_a_project(cls, told: object, info: ValidationInfo) -> object:
        if isinstance(told, dict) and "format" in told:
            folder: Path = (info.context or {})["board_file"].parent
            raise UsageError(
                f"{folder} is C for another build system, made with --format {str(told['format'])!r}",
                "`edgeq generate` without --format makes a project that edgeq builds",
            )
        return told

    @field_validator("board", mode="before")
    @classmethod
    def _by_id(cls, value: object, info: ValidationInfo) -> Board:
        """By the board file that the project brings (the board may be the user's own), else by id."""
        own: Path = (info.context or {})["board_file"]
        return read_board(own) if own.is_file() else load_board(str(value))

    @field_validator("sources", "include_dirs")
    @classmethod
    def _inside(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            pure = PurePosixPath(path)
            if pure.is_absolute() or ".." in pure.parts or path.startswith("-") or not path:
                raise ValueError(f"{path!r} is not a path inside the project")
        return paths


def read_manifest(project: Path) -> Manifest:
    """The manifest of a project folder.

    Raises:
        UsageError: the folder is no edgeq project, or another tool builds it.
        BuildError: its manifest is not valid, or a file that it names is missing.
        BoardError: it names a board that is not known.
    """
    path = project / MANIFEST
    again = "generate the project again"
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{project} is not an edgeq project: cannot read {MANIFEST} ({error.strerror})",
            "make one with edgeq generate",
        ) from error
    try:
        manifest = Manifest.model_validate_json(text, context={"board_file": project / BOARD_FILE})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BuildError(f"{path} is not valid: {where}: {first['msg']}", again) from error
    if manifest.schema_version != _SCHEMA_VERSION:
        raise BuildError(
            f"{path} is of schema version {manifest.schema_version}, this edgeq builds {_SCHEMA_VERSION}",
            again,
        )
    if manifest.board.sdk is not None:
        raise UsageError(
            f"{project} is a project for the SDK {manifest.board.sdk}, which builds and flashes it",
            "its README.md has the commands",
        )
    needed = [*manifest.sources, *(() if manifest.board.is_host else ("linker.ld",))]
    for name in needed:
        if not (project / name).is_file():
            raise BuildError(f"{project} lacks {name}, which its {MANIFEST} names", again)
    return manifest
