"""doctor tells of flash tools: which are there, of what version, and how to get the others."""

from __future__ import annotations

from edgeq.boards.flashing import PROGRAMS
from edgeq.verbs.doctor.flashing import examine_flashing
from edgeq.verbs.doctor.machine import failed

from .conftest import Bench, board_with

# What the versions of docs/flashing.md print, shortened.
SAYS = {
    "pyocd": ("0.46.0", "0.46.0"),
    "openocd": ("Open On-Chip Debugger 0.12.0\nLicensed under GNU GPL v2", "0.12.0"),
    "st-flash": ("v1.7.0", "1.7.0"),
    "bossac": ("Basic Open Source SAM-BA Application (BOSSA) Version 1.9.1", "1.9.1"),
    "dfu-util": ("dfu-util 0.11\n\nCopyright 2005-2009 Weston Schmidt", "0.11"),
}


def test_versions_are_told(bench: Bench) -> None:
    for name, (says, _) in SAYS.items():
        bench.plays(name, says)
    found = {need.name: need for need in examine_flashing()}
    assert set(found) == set(PROGRAMS)
    for name, need in found.items():
        if name not in SAYS:
            assert (need.status, need.command) == ("missing", PROGRAMS[name].install)
            continue
        assert need.status == "ok" and need.found.startswith(SAYS[name][1]), need
    assert not failed(tuple(found.values())), "without a board no tool is required"


def test_a_board_needs_one_of_its_tools(bench: Bench) -> None:
    board = board_with("pyocd", "openocd")
    needs = examine_flashing(board)
    assert [need.name for need in failed(needs)] == ["pyocd"]
    assert "as any of: pyocd, openocd" in needs[0].purpose
    bench.plays("openocd", "Open On-Chip Debugger 0.12.0")
    assert not failed(examine_flashing(board))
    assert not failed(examine_flashing(board_with("picotool", "uf2"))), "copying to a drive needs no tool"
    assert examine_flashing(board_with()) == ()


def test_a_broken_tool_is_told(bench: Bench) -> None:
    (bench.bin / "openocd").write_text("#!/nonexistent\n")
    (bench.bin / "openocd").chmod(0o755)
    bench.plays("dfu-util", "no numbers")
    openocd, dfu = examine_flashing(board_with("openocd", "dfu-util"))
    assert "(does not start)" in openocd.found and "(unknown version)" in dfu.found
