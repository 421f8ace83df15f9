"""Building a project folder: read its manifest, compile, link, measure, put in place."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from edgeq.base.errors import BuildError, UsageError
from edgeq.base.files import hidden, unwritable
from edgeq.base.folders import holding, replace_folder
from edgeq.base.hints import FORCE, command
from edgeq.base.ownership import Record, survey
from edgeq.base.progress import SILENT, Progress
from edgeq.builder.compile import Compiler, Job
from edgeq.builder.fit import check_fit, check_linked
from edgeq.builder.image import BUILD_FOLDER, ELF, LOG, MADE, MAP, RECORD, Image, record
from edgeq.builder.manifest import Manifest, read_manifest
from edgeq.builder.objects import Objects
from edgeq.builder.sizes import read_sizes
from edgeq.builder.symbols import map_text, read_symbols
from edgeq.builder.tflm import Library, Needs, find_library, require_folder
from edgeq.builder.toolchains import Toolchain, ToolchainName, find_cxx_toolchain, find_toolchain

_OBJECTS = "objects"
_CXX = ".cc"
_SAYS_HASH = "src/common/edgeq_text.c"
_CMAKE = "CMakeCache.txt"
_OURS = Record(later=MADE)


def build(
    project: Path,
    *,
    toolchain: ToolchainName = "auto",
    tflm_dir: Path | None = None,
    force: bool = False,
    progress: Progress = SILENT,
    warnings_are_errors: bool = False,
) -> Image:
    """Compile and link a generated project into ``project/build``.

    An earlier build is replaced. A build that fails leaves only ``build/build.log``. One process builds a
    project at a time.

    Args:
        project: a folder that ``generate`` made.
        tflm_dir: where TensorFlow Lite Micro is, for a project around it.
        force: replace a ``build`` of CMake's, too; other files in it are kept.

    Raises:
        UsageError: no project there, or ``build`` holds other files.
        ToolMissingError: the compiler is not installed.
        BuildError: it does not compile, link, or fit the board.
    """
    project = Path(project).resolve()
    manifest = read_manifest(project)
    board = manifest.board
    target = project / BUILD_FOLDER
    with holding(target, _OURS):
        _refuse_foreign(target, force=force)
        check_fit(
            board,
            flash=manifest.memory.weights,
            ram=manifest.memory.arena + board.stack,
            what="the model (weights in flash; arena and stack in RAM)",
        )
        library = _library(manifest, tflm_dir)
        tools = find_cxx_toolchain(toolchain, board) if library else find_toolchain(toolchain, board)
        if library and library.remark:
            progress.note(library.remark)
        progress.stage("build", f"{len(manifest.sources)} files with {tools.describe()} for {board.id}")
        with _new(target, progress) as part:
            compiler = Compiler(project, environment(part / _OBJECTS))
            made: Image | BuildError
            try:
                made = _build(
                    project,
                    part,
                    manifest,
                    tools,
                    compiler,
                    library=library,
                    progress=progress,
                    warnings_are_errors=warnings_are_errors,
                )
            except BuildError as error:
                made = (
                    error if error.hint else BuildError(error.message, f"the whole log is in {target / LOG}")
                )
                for file in part.glob("*.*"):
                    file.unlink()
            shutil.rmtree(part / _OBJECTS)
            _write_log(part, project, compiler)
        if isinstance(made, BuildError):
            raise made
    if compiler.warnings:
        progress.note(f"{compiler.warnings} compiler warnings: see {target / LOG}")
    return made


@contextmanager
def _new(target: Path, progress: Progress) -> Iterator[Path]:
    """A hidden folder to build in; it takes the place of the earlier build if all goes well.

    Raises:
        UsageError: it cannot be written there.
    """
    place = Path(os.path.realpath(target))
    part = hidden(place, "part")
    try:
        (part / _OBJECTS).mkdir(parents=True)
        yield part
        if _is_cmakes(place):
            place.rename(gone := hidden(place, "part"))
            shutil.rmtree(gone)
        replace_folder(part, place, record=_OURS, progress=progress)
    except OSError as error:
        raise unwritable(target, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _build(
    project: Path,
    part: Path,
    manifest: Manifest,
    tools: Toolchain,
    compiler: Compiler,
    *,
    library: Library | None,
    progress: Progress,
    warnings_are_errors: bool,
) -> Image:
    board = manifest.board
    c = {source: tools.compile_flags(board, source) for source in manifest.sources}
    link_flags = tools.link_flags(board)
    cxx = (*tools.cxx_flags(board), *_against(library)) if library else ()
    made_with = (library.sha256, *(f"-D{name}" for name in library.defines)) if library else ()
    told = (tools.describe(), *chain(*c.values()), *link_flags, *made_with)
    identity = _build_hash(project, manifest, told)
    own = (
        *(("-Werror",) if warnings_are_errors else ()),
        *(f"-I{folder}" for folder in manifest.include_dirs),
    )
    places = (
        f"-ffile-prefix-map={project}=.",
        *((f"-ffile-prefix-map={tools.home}=/zig",) if tools.home else ()),
    )
    kept = Objects(cache() / "objects", project, manifest.include_dirs)
    objects, jobs, keys = [], [], {}
    for number, source in enumerate(manifest.sources):
        is_cxx = source.endswith(_CXX)
        said = (f'-DEDGEQ_BUILD_HASH="{identity}"',) if source == _SAYS_HASH else ()
        flags = (*(cxx if is_cxx else c[source]), *own, *said)
        target = part / _OBJECTS / f"{number:03}-{Path(source).stem}.o"
        objects.append(str(target))
        command = tools.cxx if is_cxx else tools.command
        job = Job(f"cannot compile {source}", (*command, *flags, *places, "-c", source, "-o", str(target)))
        key = None if is_cxx else kept.key(source, (*tools.identity(), *flags))
        if key is not None and kept.take(key, target):
            compiler.log.append(f"$ {' '.join(job.arguments)}\n(compiled before)\n")
        else:
            jobs.append(job)
            keys[job] = key, target
    silent = compiler.run_all(jobs, progress)
    kept.keep({key: target for job, (key, target) in keys.items() if key is not None and job in silent})
    elf = part / ELF
    linked = (*objects, *((str(library.archive),) if library else ()))
    last = tools.libraries(board, c_library=library is not None)
    link = (*tools.command, *link_flags, *linked, *last, "-o", str(elf))
    try:
        compiler.run_all([Job("cannot link", link)], progress)
    except BuildError:
        check_linked(board, compiler.log[-1])
        raise
    sizes = read_sizes(elf, board, weights_hint=manifest.memory.weights)
    check_fit(board, flash=sizes.flash_total, ram=sizes.ram_total, what="the firmware")
    image = Image(
        elf=project / BUILD_FOLDER / ELF,
        project=project,
        board=board,
        model_sha256=manifest.model.sha256,
        build_hash=identity,
        toolchain=tools.describe(),
        sizes=sizes,
    )
    (part / MAP).write_bytes(map_text(read_symbols(elf)))
    (part / RECORD).write_bytes(record(image))
    return image


def _library(manifest: Manifest, tflm_dir: Path | None) -> Library | None:
    """The library that the project is to be linked with; None for one that needs none."""
    if manifest.tflm is None:
        return None
    needs = Needs(manifest.tflm.adds, manifest.tflm.registrations, manifest.tflm.kernels)
    return find_library(require_folder(tflm_dir, manifest.board, needs.kernels), manifest.board, needs)


def _against(library: Library) -> tuple[str, ...]:
    """What an application is compiled with to fit the library; its headers' warnings are not ours."""
    return (*(f"-D{name}" for name in library.defines), *(f"-isystem{place}" for place in library.includes))


def _build_hash(project: Path, manifest: Manifest, flags: Sequence[str]) -> str:
    digest = hashlib.sha256()

    def add(text: bytes) -> None:
        digest.update(len(text).to_bytes(8, "little") + text)

    for flag in flags:
        add(os.fsencode(flag))
    folders = {project / folder for folder in manifest.include_dirs}
    files = {project / source for source in manifest.sources}
    files |= {path for folder in folders for path in folder.glob("*.h")}
    if not manifest.board.is_host:
        files.add(project / "linker.ld")
    for path in sorted(files):
        add(os.fsencode(path.relative_to(project).as_posix()))
        add(path.read_bytes())
    return digest.hexdigest()[:16]


def environment(passing: Path) -> dict[str, str]:
    """The user's environment, with zig's caches where they are told to be and nowhere else.

    Args:
        passing: for zig's cache of one build: what it has cached it compiles without the warnings. Its own
            libraries, which it compiles for each processor, stay in the user's cache folder.
    """
    places = {"ZIG_GLOBAL_CACHE_DIR": str(cache() / "zig"), "ZIG_LOCAL_CACHE_DIR": str(passing)}
    return {**os.environ, **places, "LC_ALL": "C"}


def cache() -> Path:
    """The folder for what compiling keeps; it is there.

    Raises:
        BuildError: it cannot be made.
    """
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    folder = Path(base) / "edgeq"
    try:
        (folder / "zig").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BuildError(
            f"cannot make the compiler's cache {folder}: {error.strerror}",
            "set XDG_CACHE_HOME to a folder that can be written",
        ) from error
    return folder


def _write_log(part: Path, project: Path, compiler: Compiler) -> None:
    text = "\n".join(compiler.log).replace(f"{part}{os.sep}", "").replace(f"{project}{os.sep}", "")
    (part / LOG).write_bytes(text.encode("utf-8", "surrogateescape"))


def _refuse_foreign(target: Path, *, force: bool) -> None:
    if force or not os.path.lexists(target):
        return
    if _is_cmakes(target):
        raise UsageError(
            f"{target} is CMake's, and would be replaced",
            f"build it there ({command('cmake', '--build', target)}; edgeq run takes what CMake has "
            f"made), or use {FORCE} to replace the folder",
        )
    foreign = [target.name]
    if target.is_dir():
        foreign = [f"{target.name}/{entry.path}" for entry in survey(target, _OURS) if entry.kind != "ours"]
    if foreign:
        raise UsageError(
            f"{target.parent / foreign[0]} is not from a build",
            f"move it away; or {FORCE} builds and keeps it there",
        )


def _is_cmakes(target: Path) -> bool:
    return (target / _CMAKE).is_file()
