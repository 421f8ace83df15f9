"""`edgeq boards show`: everything a board file and its port say, and a project to try the board."""

from __future__ import annotations

import json
from pathlib import Path

from edgeq.boards import list_boards

from .conftest import Edgeq


def test_hardware_as_a_table(edgeq: Edgeq) -> None:
    told = " ".join(edgeq("boards", "show", "nrf52840dk").out.split())
    for part in (
        "64 MHz from a crystal of 32 MHz",
        "115200 baud on UARTE0, TX P0.06, RX P0.08",
        "jlink, pyocd",
    ):
        assert part in told
    assert "simulated by renode" in told
    assert "port nrf52: Nordic nRF52833, nRF52840" in told


def test_every_board_as_json(edgeq: Edgeq) -> None:
    for board in list_boards():
        result = json.loads(edgeq("boards", "show", board.id, "--json").out)
        assert result["board"]["id"] == board.id
        assert result["board"]["simulators"] == list(board.simulators)
        assert result["port"]["name"]


def test_a_project_without_a_model(edgeq: Edgeq, tmp_path: Path) -> None:
    place = tmp_path / "first"
    result = json.loads(edgeq("boards", "show", "sim-m0", "--project", place, "--json").out)
    assert result["project"] == str(place)
    assert (place / "CMakeLists.txt").is_file()
    (place / "src" / "app.c").write_text("int app;")
    again = edgeq("boards", "show", "sim-m0", "--project", place)
    assert (again.code, "src/app.c" in again.err) == (2, True)
    assert edgeq("boards", "show", "sim-m3", "--project", place, "--force").code == 0
    assert json.loads((place / "edgeq.json").read_text())["board"] == "sim-m3"
    assert (place / "src" / "app.c").read_text() == "int app;"


def test_no_project_for_an_edge_tpu(edgeq: Edgeq, tmp_path: Path) -> None:
    result = edgeq("boards", "show", "coral", "--project", tmp_path / "p")
    assert result.code == 2
    assert "no firmware of edgeq's own" in result.err
    assert not (tmp_path / "p").exists()
