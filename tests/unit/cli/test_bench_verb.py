"""edgeq bench: a row for each model, board and compiler, and others' figures with their source."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from edgeq.base.errors import ToolMissingError
from edgeq.boards.catalogue import simulated_boards
from edgeq.boards.cores import CORES
from edgeq.judge.bench import Row, peers
from edgeq.targets.simulators.qemu_target import QEMU
from edgeq.verbs import bench as verb

from .conftest import Edgeq
from .models import int8_wide

pytest.importorskip("unicorn")
pytest.importorskip("ziglang")


@pytest.fixture
def models(folder: Path) -> Path:
    place = folder / "models"
    place.mkdir()
    (place / "ad_int8.tflite").write_bytes(int8_wide())
    return place


def test_a_row_has_every_figure_and_the_peers_stand_beside(edgeq: Edgeq, models: Path) -> None:
    result = edgeq("bench", "--models", models, "--core", "m4", "--toolchain", "zig")
    assert result.code == 0, result.err
    titles, _, ours, published, tflm = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in result.out.splitlines()
        if line.startswith("|")
    )
    told = dict(zip(titles, ours, strict=True))
    assert (told["model"], told["by"], told["exact"]) == ("ad", "zig", "yes")
    assert all(int(told[name].replace(",", "")) > 0 for name in titles[2:-1])
    assert int(told["cycles, estimated"].replace(",", "")) > int(told["instructions"].replace(",", ""))
    assert (published[1], published[3]) == ("best published", "486,000 (measured)")
    assert (tflm[1], tflm[2]) == ("TFLM, CMSIS-NN", "583,000")
    assert "MLPerf Tiny results to v1.3" in result.out
    assert list(models.parent.iterdir()) == [models]


def test_json_has_the_same(edgeq: Edgeq, models: Path) -> None:
    found = edgeq("bench", "--models", models, "--board", "host", "--json").json
    assert [(row["model"], row["board"], row["toolchain"]) for row in found["rows"]] == [
        ("ad", "host", "zig"), ("ad", "host", "gcc"),
    ]  # fmt: skip
    assert found["peers"] == []


def test_a_missing_tool_is_a_row_that_says_so(
    edgeq: Edgeq, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise ToolMissingError("qemu-system-arm is not there", "get it")

    monkeypatch.setattr("edgeq.verbs.deploy.deploy", missing)
    result = edgeq("bench", "--models", models, "--core", "m4")
    assert result.code == 0
    assert "zig: qemu-system-arm is not there" in result.out and "| ad | gcc | - |" in result.out


def test_an_output_that_is_not_the_oracles_is_exit_code_1(
    edgeq: Edgeq, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def inexact(path: Path, board: object, toolchain: str, optimize: str, progress: object) -> Row:
        return replace(Row("ad", "sim-m4", "a core", toolchain, optimize), exact=9, outputs=10)

    monkeypatch.setattr(verb, "_row", inexact)
    result = edgeq("bench", "--models", models, "--core", "m4")
    assert result.code == 1
    assert "NO: 9 of 10" in result.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--models", "nowhere"), ("there is no folder nowhere",)),
        (("--models", "."), ("holds no model", "_int8.tflite")),
        (("--models", "models", "--core", "m5"), ("'m5'", "m0, m0plus, m3, m4, m7, m33, m55")),
        ((), ("no folder of models is given", "--models")),
    ],
)
def test_what_is_refused(
    edgeq: Edgeq,
    models: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    monkeypatch.delenv("EDGEQ_SHARED", raising=False)
    result = edgeq("bench", *arguments)
    assert result.code == 2
    assert all(word in result.err for word in words), result.err


def test_every_peer_has_a_core_and_a_source() -> None:
    assert peers() and all(peer.core in CORES for peer in peers())
    assert all(peer.source.text and any(map(peer.knows, ("ad", "kws", "vww", "ic"))) for peer in peers())


def test_help_names_every_core(edgeq: Edgeq) -> None:
    named = edgeq("bench", "--help").out
    assert all(board.cpu.core.rpartition("-")[2] in named for board in simulated_boards().values())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"needs {QEMU} (apt: qemu-system-arm)")
def test_qemu_and_the_simulator_count_the_same(edgeq: Edgeq, shared: Path) -> None:
    folder = shared / "models" / "mlperf_tiny"
    boards = ("--board", "sim-m4", "--board", "mps2_an386")
    rows = edgeq("bench", "--models", folder, *boards, "--toolchain", "zig", "--json").json["rows"]
    counts = {(row["model"], row["board"]): row["instructions"] for row in rows}
    assert {model for model, _ in counts} == {"ad", "kws", "vww", "ic"}
    for model in ("ad", "kws", "vww", "ic"):
        assert counts[model, "mps2_an386"] == pytest.approx(counts[model, "sim-m4"], rel=1e-4)
    assert all(row["exact"] == row["outputs"] for row in rows)


def test_the_arena_by_what_is_optimized_for(edgeq: Edgeq, models: Path) -> None:
    result = edgeq("bench", "--models", models, "--board", "host", "--toolchain", "gcc", "--ram")
    assert result.code == 0, result.err
    titles, _, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in result.out.splitlines()
        if line.startswith("|")
    )
    told = [dict(zip(titles, row, strict=True)) for row in rows]
    assert [(one["optimize"], one["goal"]) for one in told] == [("speed", "-"), ("size", "-"), ("ram", "800")]
    assert all(one["exact"] == "yes" for one in told)
