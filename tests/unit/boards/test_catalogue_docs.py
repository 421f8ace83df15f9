"""docs/catalogue.md and docs/boards.md say what the files say; EDGEQ_UPDATE_DOCS=1 rewrites the tables."""

from __future__ import annotations

import os
import re
from pathlib import Path

from edgeq.base.resources import data_dir
from edgeq.boards import Board, list_boards, model, read_board
from edgeq.boards.cores import CORES
from edgeq.boards.flashing import RUNNERS
from edgeq.boards.port import Port, load_port, port_of
from edgeq.boards.simulators import SIMULATORS
from edgeq.boards.strict import Strict

REPOSITORY = Path(__file__).resolve().parents[3]
DOCS = REPOSITORY / "docs"
TABLE = re.compile(r"<!-- table: (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)


def size(region: model.Region | None) -> str:
    return "" if region is None else f"{region.size / 1024:g} KB at 0x{region.address:08x}"


def mhz(hz: int) -> str:
    return f"{hz / 1e6:g} MHz"


def clock(board: Board) -> str:
    if board.clock is None:
        return ""
    source = f" {mhz(board.clock.source_hz)}" if board.clock.source_hz else ""
    return f"{mhz(board.clock.hz)}, {board.clock.source}{source}"


def console(board: Board) -> str:
    pins = f" {board.console.tx}, {board.console.rx}" if board.console.tx else ""
    return f"{board.console.uart}{pins}" if board.console.uart else ""


def boards_table() -> str:
    lines = [
        "| board | chip, core | flash | RAM | clock | console: sends, receives | runs in | flashed by |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for board in list_boards():
        core = board.cpu.core + (f", {board.cpu.fpu}" if board.cpu.fpu else "")
        cells = (
            f"`{board.id}`: {board.name}",
            f"{board.chip}: {core}" if board.chip else core,
            size(board.flash),
            size(board.ram),
            clock(board),
            console(board),
            ", ".join(board.simulators),
            ", ".join(runner.runner for runner in board.flashing),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def ports_table() -> str:
    lines = ["| port | family | cores | clocks | UARTs | manual |", "|---|---|---|---|---|---|"]
    folder = data_dir("firmware_templates") / "ports"
    for name in sorted(path.parent.name for path in folder.glob("*/port.toml")):
        port = load_port(name)
        cells = (
            f"`{name}`",
            port.name,
            ", ".join(port.cores),
            ", ".join(mhz(hz) for hz in port.clocks_hz),
            ", ".join(port.uarts),
            port.manual or "",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def test_the_catalogue_is_documented() -> None:
    path = DOCS / "catalogue.md"
    text = path.read_text(encoding="utf-8")
    wanted = {"boards": boards_table(), "ports": ports_table()}
    if os.environ.get("EDGEQ_UPDATE_DOCS"):
        text = TABLE.sub(lambda m: f"<!-- table: {m[1]} -->\n{wanted[m[1]]}<!-- end -->", text)
        path.write_text(text, encoding="utf-8")
    assert dict(TABLE.findall(text)) == wanted, "run this test with EDGEQ_UPDATE_DOCS=1"


def test_every_key_of_a_board_file_is_documented() -> None:
    text = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("boards.md", "simulator.md"))
    first = "".join(re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE))
    said = set(re.findall(r"`(?:\[\[)?([a-z_.]+)(?:\]\])?`", first))
    tables: dict[str, type[Strict]] = {
        "cpu": model.Cpu,
        "clock": model.Clock,
        "flash": model.Region,
        "ram": model.Region,
        "console": model.Console,
        "timing": model.ChipTiming,
    } | {name: kind for name, kind in SIMULATORS.items() if kind.has_table}
    keys = set(Board.model_fields) - set(tables)
    keys |= {f"{table}.{key}" for table, of in tables.items() for key in of.model_fields}
    assert keys <= said
    assert {name for name in said if name.partition(".")[0] in tables} <= keys
    assert set(Port.model_fields) <= said


def test_the_example_of_a_board_that_is_not_in_the_catalogue() -> None:
    """What tests/ports builds and runs is what the document shows."""
    example = REPOSITORY / "tests" / "ports" / "nucleo_f401re.toml"
    text = (DOCS / "boards.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- example: nucleo_f401re -->\n```toml\n(.*?)```\n<!-- end -->", text, re.DOTALL)
    assert shown is not None and shown[1] == example.read_text(encoding="utf-8")
    board = read_board(example)
    assert board.id not in {known.id for known in list_boards()}
    assert port_of(board) == load_port("stm32f4")


def test_every_core_and_fpu_is_documented() -> None:
    text = (DOCS / "boards.md").read_text(encoding="utf-8")
    rows = {key: line for line in text.splitlines() for key in ("core", "fpu") if f"| `cpu.{key}`" in line}
    assert {name for name in CORES if f"`{name}`" not in rows["core"]} == set()
    fpus = {fpu.name for core in CORES.values() for fpu in core.fpus}
    assert {name for name in fpus if f"`{name}`" not in rows["fpu"]} == set()


def test_every_simulator_is_documented() -> None:
    text = (DOCS / "simulator.md").read_text(encoding="utf-8")
    assert {kind.title for kind in SIMULATORS.values() if kind.title not in text} == set()


def test_every_runner_is_documented() -> None:
    text = (DOCS / "flashing.md").read_text(encoding="utf-8")
    assert RUNNERS and {name for name in RUNNERS if f"`{name}`" not in text} == set()
