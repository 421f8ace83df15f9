"""Building: every board with every compiler, sizes, the same bytes again, and every way to fail."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from waiting import GUARD, until

from edgeq.base.errors import BuildError, ToolMissingError, UsageError
from edgeq.boards import Region, load_board
from edgeq.builder import Image, build, load_image
from edgeq.builder import compile as compiling
from edgeq.builder.build import cache
from edgeq.builder.symbols import read_symbols
from edgeq.builder.toolchains import ToolchainName

BOARDS = ["sim-m0", "sim-m3", "sim-m4", "sim-m7", "sim-m33", "host"]
HERE = Path(__file__).resolve().parent
PROBE = (HERE / "probe_main.c").read_text()
ECHO = (HERE / "echo_main.c").read_text()
ProjectMaker = Callable[..., Path]
needs_gcc = pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="no arm-none-eabi-gcc")


@pytest.fixture
def m4(tmp_path: Path, project: ProjectMaker) -> Path:
    return project(tmp_path / "m4", load_board("sim-m4"), PROBE)


@pytest.mark.sample(2)
@pytest.mark.parametrize("board", BOARDS)
def test_record_gives_the_image_back(probe: Callable[[str], Image], board: str) -> None:
    image = probe(board)
    assert load_image(image.project) == image
    assert sorted(path.name for path in image.elf.parent.iterdir()) == [
        "build.log",
        "edgeq-build.json",
        "firmware.elf",
        "firmware.map",
    ]
    assert image.toolchain.startswith("zig ")
    assert str(image.project) not in (image.project / "build" / "edgeq-build.json").read_text()


def test_sizes_are_the_elfs(probe: Callable[[str], Image]) -> None:
    image = probe("sim-m4")
    sizes = image.sizes
    assert sizes.weights == 1000
    assert sizes.arena == 64
    assert sizes.stack == 4096
    # Two arrays of 1,024 bytes, the port's 256 and its two counters, three variables, alignment.
    assert 2048 + 256 + 8 + 12 <= sizes.static <= 2048 + 256 + 8 + 12 + 32
    assert sizes.flash_total == sizes.code + sizes.weights
    assert sizes.ram_total == sizes.arena + sizes.static + sizes.stack
    assert 500 < sizes.code < 12_000
    symbols = read_symbols(image.elf)
    assert symbols.address_of("edgeq_stack_bottom") == 0x2000_0000
    where = symbols.address_of("probe_work")
    assert where is not None
    assert symbols.function_at(where + 4) == "probe_work"
    assert f"0x{where:08x}" in (image.elf.parent / "firmware.map").read_text()


@pytest.mark.sample(2)
@needs_gcc
@pytest.mark.parametrize("board", BOARDS)
def test_gcc_builds_and_the_firmware_runs(tmp_path: Path, project: ProjectMaker, board: str) -> None:
    from edgeq.targets import open_target

    described = load_board(board)
    folder = project(tmp_path / "p", described, ECHO if described.is_host else PROBE)
    image = build(folder, toolchain="gcc", warnings_are_errors=True)
    assert image.toolchain.startswith("gcc ")
    with open_target(image) as target:
        target.flash(image)
        stream = target.open()
        got = b""
        while len(got) < 6:
            got += stream.read(100, 5.0)
        assert got == b"hello\n"
    assert image.build_hash != build(folder, toolchain="zig").build_hash


def test_same_bytes_elsewhere(tmp_path: Path, project: ProjectMaker) -> None:
    board = load_board("sim-m4")
    first = build(project(tmp_path / "a", board, PROBE))
    second = build(project(tmp_path / "elsewhere" / "and_longer", board, PROBE))
    assert first.elf.read_bytes() == second.elf.read_bytes()
    assert first.build_hash == second.build_hash


def test_hash_follows_the_sources(tmp_path: Path, project: ProjectMaker) -> None:
    board = load_board("sim-m4")
    hashes = {
        build(project(tmp_path / name, board, text)).build_hash
        for name, text in [("a", PROBE), ("b", PROBE.replace("hello", "hallo"))]
    }
    folder = project(tmp_path / "c", board, PROBE)
    header = folder / "src" / "port" / "edgeq_port.h"
    header.write_text(header.read_text() + "\n/* changed */\n")
    hashes.add(build(folder).build_hash)
    assert len(hashes) == 3


def test_compile_error_is_shown_and_logged(m4: Path) -> None:
    first = build(m4)
    assert first.elf.exists()
    (m4 / "src" / "port" / "main.c").write_text("int main(void) { return nothing; }\n")
    with pytest.raises(
        BuildError, match=r"cannot compile src/port/main\.c: src/port/main\.c:1:25: error: .*nothing"
    ) as error:
        build(m4)
    log = m4 / "build" / "build.log"
    assert str(log) in error.value.hint
    assert "nothing" in log.read_text()
    # The firmware of before is not that of these sources.
    assert [path.name for path in (m4 / "build").iterdir()] == ["build.log"]
    with pytest.raises(UsageError, match="holds no built firmware"):
        load_image(m4)
    assert not list(m4.glob(".build*"))


def test_link_error(m4: Path) -> None:
    (m4 / "src" / "port" / "main.c").write_text(
        "void missing_one(void); int main(void) { missing_one(); return 0; }\n"
    )
    with pytest.raises(BuildError, match=r"cannot link: .*missing_one"):
        build(m4)


def test_warnings_do_not_stop_a_users_build(m4: Path) -> None:
    text = PROBE.replace("int main(void)\n{", "int main(void)\n{\n    const int unused_one = 1;", 1)
    (m4 / "src" / "port" / "main.c").write_text(text)
    notes: list[str] = []

    class Listener:
        def stage(self, name: str, detail: str = "") -> None: ...

        def advance(self, done: int, total: int) -> None: ...

        def note(self, text: str) -> None:
            notes.append(text)

    build(m4, progress=Listener())
    assert len(notes) == 1
    assert notes[0].startswith("1 compiler warning")
    with pytest.raises(BuildError, match="unused_one"):
        build(m4, warnings_are_errors=True)


@needs_gcc
@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
def test_numbers_are_the_linkers(tmp_path: Path, project: ProjectMaker, toolchain: ToolchainName) -> None:
    board = load_board("sim-m4")
    fitting = build(project(tmp_path / "a", board, PROBE), toolchain=toolchain).sizes
    tiny = board.model_copy(update={**small(4096, 5120), "id": "tiny"})
    with pytest.raises(BuildError, match="too big for tiny") as error:
        build(project(tmp_path / "b", tiny, PROBE), toolchain=toolchain)
    flash, ram = (
        int(number.replace(",", ""))
        for number in re.findall(r"([0-9,]+) bytes of (?:flash|RAM), and", error.value.message)
    )
    assert flash == pytest.approx(fitting.flash_total, abs=16)
    assert ram == pytest.approx(fitting.ram_total, abs=16)


def small(flash: int, ram: int) -> dict[str, Region]:
    return {"flash": Region(address=0x0800_0000, size=flash), "ram": Region(address=0x2000_0000, size=ram)}


@pytest.mark.parametrize(
    ("regions", "memory", "message"),
    [
        (small(1024, 65536), {"weights": 3000}, r"needs 3,000 bytes of flash, and it has 1,024$"),
        (small(65536, 8192), {"arena": 6000}, r"needs 10,096 bytes of RAM, and it has 8,192$"),
        (small(1024, 8192), {"arena": 6000, "weights": 3000}, "3,000 bytes of flash.*10,096 bytes of RAM"),
        (small(4096, 65536), {}, r"the firmware needs [0-9,]+ bytes of flash, and it has 4,096$"),
        (small(65536, 5120), {}, r"the firmware needs [0-9,]+ bytes of RAM, and it has 5,120$"),
    ],
)
def test_too_big(
    tmp_path: Path, project: ProjectMaker, regions: dict[str, Region], memory: dict[str, int], message: str
) -> None:
    board = load_board("sim-m4").model_copy(update={**regions, "id": "tiny"})
    folder = project(tmp_path / "p", board, PROBE, **memory)
    with pytest.raises(BuildError, match=message) as error:
        build(folder)
    assert "too big for tiny" in error.value.message
    assert "the smallest board that would do is microbit (" in error.value.hint
    assert not (folder / "build" / "firmware.elf").exists()


def test_too_big_for_every_board(m4: Path) -> None:
    manifest = json.loads((m4 / "edgeq.json").read_text())
    manifest["memory"]["weights"] = 1 << 30
    (m4 / "edgeq.json").write_text(json.dumps(manifest))
    with pytest.raises(BuildError, match="1,073,741,824 bytes of flash") as error:
        build(m4)
    assert "no board of the catalogue" in error.value.hint


def test_foreign_files_in_build_are_kept(m4: Path) -> None:
    (m4 / "build").mkdir()
    (m4 / "build" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match=r"thesis\.txt"):
        build(m4)
    assert (m4 / "build" / "thesis.txt").read_text() == "years of work"
    assert build(m4, force=True).elf.exists()
    assert (m4 / "build" / "thesis.txt").read_text() == "years of work"


def test_compiler_missing(m4: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for name in ("auto", "zig", "gcc"):
        with pytest.raises(ToolMissingError) as error:
            build(m4, toolchain=name)
        assert "pip install" in error.value.hint
    assert not (m4 / "build").exists()


def test_hanging_compiler_is_killed(m4: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path / "bin", "sleep 600 &\nwait\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(compiling, "_TIMEOUT", 0.5)
    with pytest.raises(BuildError, match="took longer than"):
        build(m4, toolchain="gcc")


def stand_in(folder: Path, body: str) -> None:
    folder.mkdir()
    script = folder / "arm-none-eabi-gcc"
    script.write_text(f'#!/bin/sh\nif [ "$1" = -dumpfullversion ]; then echo 99.9; exit; fi\n{body}')
    script.chmod(0o755)


def test_ctrl_c_leaves_the_earlier_build(m4: Path, tmp_path: Path) -> None:
    image = build(m4)
    marker = tmp_path / "started"
    stand_in(tmp_path / "bin", f"touch {marker}\nsleep 60\n")
    program = textwrap.dedent(
        """
        import sys
        from edgeq.builder import build
        from pathlib import Path
        try:
            build(Path(sys.argv[1]), toolchain="gcc")
        except KeyboardInterrupt:
            sys.exit(130)
        """
    )
    process = subprocess.Popen(
        (sys.executable, "-c", program, str(m4)),
        env={**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"},
    )
    try:
        assert until(marker.exists)
        process.send_signal(2)
        assert process.wait(GUARD) == 130
    finally:
        process.kill()
    assert load_image(m4) == image
    assert not list(m4.glob(".build*"))


def test_objects_that_were_kept_give_the_same_firmware(
    tmp_path: Path, project: ProjectMaker, m4: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zigs = cache() / "zig"
    (tmp_path / "cache" / "edgeq").mkdir(parents=True)
    (tmp_path / "cache" / "edgeq" / "zig").symlink_to(zigs)  # or the compiler makes its own libraries anew
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    compiled = build(m4)
    other = build(project(tmp_path / "elsewhere", load_board("sim-m4"), PROBE))
    before = [
        (one.elf.parent / "build.log").read_text().count("(compiled before)") for one in (compiled, other)
    ]
    assert before[0] == 0
    assert before[1] > 0
    assert other.elf.read_bytes() == compiled.elf.read_bytes()
    header = next(m4.rglob("edgeq_*.h"))
    header.write_text(header.read_text() + "\n#error a changed header\n")
    with pytest.raises(BuildError, match="a changed header"):
        build(m4)


def test_what_was_warned_of_is_compiled_and_warned_of_again(m4: Path) -> None:
    source = next(m4.rglob("main.c"))
    source.write_text(source.read_text() + "\n#warning look here\n")
    for _ in range(2):
        assert "look here" in (build(m4).elf.parent / "build.log").read_text()
