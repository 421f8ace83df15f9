"""A project's ``renode/``: scripts of Renode's grammar, and a suite that real firmware passes."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest

import edgeq
from edgeq.backends.aot.generate import generate
from edgeq.backends.project.oracle import inferences
from edgeq.backends.project.renode import conversation, results
from edgeq.base.errors import BoardError
from edgeq.boards import Board, board_toml, list_boards, load_board, read_board
from edgeq.boards.simulators.renode import Renode
from edgeq.builder import build
from edgeq.checker import Checked, check
from edgeq.graph import DType, QuantParams, Tensor

HERE = Path(__file__).resolve().parent
WITH_RENODE = [board for board in list_boards() if board.renode is not None]


@pytest.fixture(scope="module")
def checked(examples: Path) -> Checked:
    digits = examples / "digits"
    model = edgeq.convert(digits / "digits_float.tflite", digits / "calibration.npz").model
    return check(model, name="digits")


def files(checked: Checked, board: Board) -> dict[str, str]:
    made = generate(checked, board).files
    return {
        name.removeprefix("renode/"): data.decode()
        for name, data in made.items()
        if name.startswith("renode/")
    }


@pytest.mark.parametrize("board", WITH_RENODE, ids=lambda board: board.id)
def test_every_board_of_the_catalogue_has_its_files(checked: Checked, board: Board) -> None:
    assert board.renode is not None and board.flash is not None
    made = files(checked, board)
    assert set(made) == {"board.resc", "board.repl", "test.robot", "golden.txt"}
    assert f"sysbus.{board.renode.cpu} VectorTableOffset 0x{board.flash.address:08x}" in made["board.resc"]
    assert "\n\n\n" not in "".join(made.values())
    repl = made["board.repl"].splitlines()
    assert (
        f'using "{board.renode.platform}"' in repl
        or f"{board.renode.uart}: {board.renode.uart_model}" in (made["board.repl"])
    )
    # A platform description is indented by four blanks, or not at all.
    assert all(line == line.strip() or line.startswith("    ") for line in repl)
    if board.clock is not None:
        assert f"    systickFrequency: {board.clock.hz}" in repl
        assert f"    PerformanceInMips: {board.clock.hz // 1_000_000}" in repl


def test_a_board_without_renode_has_none(checked: Checked) -> None:
    assert not files(checked, load_board("sim-m4"))


def test_attributes_change_a_platform_and_complete_a_uart(checked: Checked, board: Board) -> None:
    platform = Renode(
        platform="platforms/cpus/nrf52840.repl",
        uart="uart0",
        attributes=("uart0.easyDMA=false", "uart1.easyDMA=false"),
    )
    made = files(checked, board.model_copy(update={"renode": platform}))
    assert "\nuart0:\n    easyDMA: false\n\nuart1:\n    easyDMA: false\n" in made["board.repl"]
    assert board.renode is not None
    own = board.renode.model_copy(update={"attributes": ("console.frequency=64000000",)})
    made = files(checked, board.model_copy(update={"renode": own}))
    assert "console: UART.EdgeqSimulated @ sysbus 0x40000000\n    frequency: 64000000\n" in made["board.repl"]


def test_the_conversation_is_the_oracles(checked: Checked) -> None:
    found = inferences(checked, 2)
    assert not np.array_equal(found[0].inputs[0], found[1].inputs[0])
    lines = conversation(checked.graph.output_tensors[0], found).decode().splitlines()
    sent = "".join(line[5:-1] for line in lines if line.startswith("> db ") and "load" not in line)
    assert bytes.fromhex(sent) == b"".join(one.inputs[0].tobytes() for one in found)
    assert all(len(line) <= 82 for line in lines if line.startswith("> "))
    said = [line for line in lines if line.startswith("< m-results-")]
    scale, zero = (
        checked.graph.output_tensors[0].quant.scale,
        checked.graph.output_tensors[0].quant.zero_point,
    )  # type: ignore[union-attr]
    for line, one in zip(said, found, strict=True):
        values = [float(text) for text in line.removeprefix("< m-results-[").removesuffix("]").split(",")]
        real = (one.outputs[0].astype(np.float64).reshape(-1) - zero) * scale
        np.testing.assert_allclose(values, real, atol=0.00050001)


def test_results_round_half_away_from_zero() -> None:
    tensor = Tensor("y", (1, 5), DType.INT8, quant=QuantParams.per_tensor(0.0625, 1))
    values = np.array([[1, 2, 0, 9, -128]], np.int8)
    assert results(tensor, values) == "0.000,0.063,-0.063,0.500,-8.063"


def test_the_suite_passes_on_real_firmware_and_fails_on_other_results(
    board_file: Path, checked: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = pytest.importorskip("robot.api", reason="needs robotframework (the extra dev has it)")
    monkeypatch.setattr(sys, "path", [str(HERE), *sys.path])
    monkeypatch.delenv("STANDIN", raising=False)
    project = tmp_path / "a project"
    generate(checked, read_board(board_file)).write(project)
    build(project)

    def run() -> tuple[int, str]:
        suite = robot.TestSuite.from_file_system(project / "renode" / "test.robot")
        suite.resource.imports.library(str(HERE / "standin_keywords.py"))
        told = io.StringIO()
        result = suite.run(output=None, log=None, report=None, stdout=told, stderr=told)
        return result.return_code, told.getvalue()

    failed, told = run()
    assert failed == 0 and "2 tests, 2 passed" in told, told
    golden = project / "renode" / "golden.txt"
    text = golden.read_text()
    at = text.rindex("m-results-[") + len("m-results-[")
    golden.write_text(text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :])
    monkeypatch.setattr("standin_keywords._LIMIT", 1.0)
    failed, told = run()
    assert failed == 1 and "did not come" in told


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('uart = "uart0"', "either a platform, or uart_model and uart_address"),
        ('uart = "uart0"\nuart_model = "UART.PL011"', "either a platform, or uart_model and uart_address"),
        (
            'platform = "platforms/cpus/nrf52840.repl"\nuart = "uart0"\nuart_address = 0x4000_2000',
            "either a platform, or uart_model and uart_address",
        ),
        ('platform = "nrf52840.repl"\nuart = "uart0"', "renode.platform"),
        ('platform = "platforms/a.repl"\nuart = "sysbus.uart0"', "renode.uart"),
        ('platform = "platforms/a.repl"\nuart = "uart0"\nattributes = ["uart0.name=a b"]', "attributes"),
        ('platform = "platforms/a.repl"\nuart = "uart0"\nattribute = []', "unknown key 'renode.attribute'"),
    ],
)
def test_a_wrong_table_is_told(tmp_path: Path, table: str, message: str) -> None:
    text = board_toml(load_board("sim-m4")).decode() + f"\n[renode]\n{table}\n"
    (tmp_path / "board.toml").write_text(text)
    with pytest.raises(BoardError) as caught:
        read_board(tmp_path / "board.toml")
    assert message in caught.value.message
