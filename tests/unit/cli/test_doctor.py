"""doctor: what is there, what is missing, and the command that helps."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from edgeq.boards import load_board
from edgeq.verbs.doctor import machine as doctor

from .conftest import Edgeq


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> object:
    """A function that hides packages and tools."""
    plain = importlib.metadata.version

    def hide(*names: str) -> None:
        def version(name: str) -> str:
            if name in names:
                raise importlib.metadata.PackageNotFoundError(name)
            return plain(name)

        monkeypatch.setattr(importlib.metadata, "version", version)
        monkeypatch.setattr(doctor.shutil, "which", lambda name: None)

    return hide


def test_everything_it_finds_has_a_purpose(edgeq: Edgeq) -> None:
    found = edgeq("doctor", "--json")
    assert found.code == 0
    assert found.json["verdict"] == "pass"
    names = [need["name"] for need in found.json["needs"]]
    assert {"Python", "platform", "interpreter", "unicorn", "ziglang", "arm-none-eabi-gcc", "Pillow"} <= set(
        names
    )
    for need in found.json["needs"]:
        assert need["purpose"] and need["found"]
        assert need["status"] == "ok" or need["command"] or need["name"] == "serial ports"
    assert "ready for edgeq" in edgeq("doctor").out


def test_a_simulated_board_needs_its_simulator_and_a_compiler(edgeq: Edgeq, without) -> None:  # type: ignore[no-untyped-def]
    without("unicorn", "ziglang", "pillow")
    assert edgeq("doctor").code == 0
    result = edgeq("doctor", "--board", "sim-m4")
    assert result.code == 3
    assert "pip install 'edgeq[sim]'" in result.out
    found = edgeq("doctor", "--board", "sim-m4", "--json").json
    assert found["verdict"] == "fail"
    lacking = {need["name"] for need in found["needs"] if need["required"] and need["status"] != "ok"}
    assert lacking == {"unicorn", "ziglang"}
    host = edgeq("doctor", "--board", "host", "--json").json
    assert {n["name"] for n in host["needs"] if n["required"] and n["status"] != "ok"} == {"ziglang"}


def test_a_compiler_of_another_kind_is_enough(monkeypatch: pytest.MonkeyPatch, without) -> None:  # type: ignore[no-untyped-def]
    without("ziglang")
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/bin/{name}" if "arm" in name else None)
    assert "ziglang" not in {
        need.name for need in doctor.failed(doctor.examine_machine(load_board("sim-m4")))
    }


def test_no_interpreter_is_a_failure_with_the_command(edgeq: Edgeq, without) -> None:  # type: ignore[no-untyped-def]
    without("ai-edge-litert", "tflite-runtime", "tensorflow")
    result = edgeq("doctor")
    assert result.code == 3
    assert "pip install ai-edge-litert" in result.out


def test_an_old_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: "1.0.3rc1")
    found = {need.name: need for need in doctor.examine_machine(load_board("sim-m4"))}
    assert found["unicorn"].status == "too old"
    assert found["unicorn"].command == "pip install 'unicorn>=2.1'"


def test_a_cache_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    cache = next(need for need in doctor.examine_machine() if need.name == "cache folder")
    assert (cache.status, cache.required) == ("missing", True)
    assert "XDG_CACHE_HOME" in cache.command


def test_a_broken_tool_is_survived(tmp_path: Path) -> None:
    broken = tmp_path / "gcc"
    broken.write_text("no program")
    broken.chmod(0o755)
    assert doctor._first_line([str(broken)]) in ("(does not start)", "(unknown version)")


def test_an_unknown_board(edgeq: Edgeq) -> None:
    assert edgeq("doctor", "--board", "nope", "--json").error["kind"] == "BoardError"


def test_a_board_of_qemus_needs_qemu(
    edgeq: Edgeq,
    without,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,  # type: ignore[no-untyped-def]
) -> None:
    without("unicorn")
    found = edgeq("doctor", "--board", "mps2_an386", "--json")
    assert found.code == 3
    lacking = {n["name"]: n for n in found.json["needs"] if n["required"] and n["status"] != "ok"}
    assert set(lacking) == {"qemu-system-arm"}
    assert lacking["qemu-system-arm"]["command"] == "sudo apt-get install qemu-system-arm"
    tool = tmp_path / "qemu-system-arm"
    tool.write_text("#!/bin/sh\necho 'QEMU emulator version 4.2.1 (Debian)'\n")
    tool.chmod(0o755)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: str(tool) if name == tool.name else None)
    need = next(n for n in edgeq("doctor", "--json").json["needs"] if n["name"] == tool.name)
    assert need["status"] == "too old"
    assert "is QEMU 4.2, and edgeq needs 6.0" in need["found"]


def test_renode_is_told_with_its_version(
    edgeq: Edgeq, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RENODE_DIR", str(tmp_path))

    def found() -> tuple[str, str, bool]:
        need = next(n for n in edgeq("doctor", "--json").json["needs"] if n["name"] == "renode")
        return need["status"], need["found"], "releases" in need["command"]

    assert found() == ("missing", f"there is no `renode` in RENODE_DIR ({tmp_path})", True)
    tool = tmp_path / "renode"
    for version, status in (("1.16.1", "ok"), ("1.13.3", "too old")):
        tool.write_text(f"#!/bin/sh\necho 'Renode v{version}'\n")
        tool.chmod(0o755)
        assert found() == (status, f"{version} at {tool}", status != "ok")
