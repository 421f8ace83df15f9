"""A project's ``renode/``: scripts of Renode's grammar, and a suite that real firmware passes."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import standin_renode

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
Suite = tuple[Path, Callable[..., tuple[int, str]]]
"""``golden.txt``, and what runs the suite: how many tests failed, and what Robot printed."""
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


@pytest.mark.sample(3)
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


def own_machine(folder: Path, uart: str) -> Board:
    """A board of the catalogue with a machine of its own in Renode, in a user's file."""
    board = load_board("stm32f746g_disco" if "F7" in uart else "nucleo_f446re")
    text = board_toml(board.model_copy(update={"renode": None})).decode()
    (folder / "board.toml").write_text(f'{text}\n[renode]\nuart = "console"\n{uart}\n')
    return read_board(folder / "board.toml")


@pytest.mark.parametrize(
    ("table", "entry"),
    [
        (
            'uart_model = "UART.STM32_UART"\nuart_address = 0x4000_4400',
            "console: UART.STM32_UART @ sysbus <0x40004400, +0x400>\n    IRQ -> nvic@38\n",
        ),
        (
            'uart_model = "UART.STM32_UART"\nuart_address = 0x4000_4400\nuart_size = 0x100\nuart_hz = 45_000',
            "console: UART.STM32_UART @ sysbus <0x40004400, +0x100>\n    frequency: 45000\n    IRQ -> ",
        ),
        (
            'uart_model = "UART.STM32F7_USART"\nuart_address = 0x4001_1000\nuart_hz = 108_000_000',
            "console: UART.STM32F7_USART @ sysbus 0x40011000\n    frequency: 108000000\n    IRQ -> nvic@37\n",
        ),
        (
            'uart_model = "UART.STM32F7_USART"\nuart_address = 0x4001_1000\n'
            'attributes = ["console.frequency=216000000"]',
            "console: UART.STM32F7_USART @ sysbus 0x40011000\n    frequency: 216000000\n    IRQ -> nvic@37\n",
        ),
    ],
)
def test_a_uart_of_an_own_machine_has_what_its_model_needs(
    checked: Checked, tmp_path: Path, table: str, entry: str
) -> None:
    made = files(checked, own_machine(tmp_path, table))["board.repl"]
    assert entry in made
    (tmp_path / "board.repl").write_text(made)
    assert standin_renode.Board(tmp_path / "board.repl").uart_name == "console"


def test_the_example_of_the_docs_is_a_machine(checked: Checked, tmp_path: Path) -> None:
    docs = (HERE.parents[1] / "docs" / "simulator.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n\[renode\]\nuart = \"console\"\n(.*?)\n```", docs, re.DOTALL)
    made = files(checked, own_machine(tmp_path, example))["board.repl"]
    assert "UART.STM32F7_USART @ sysbus 0x40011000\n    frequency: 108000000\n" in made
    (tmp_path / "board.repl").write_text(made)
    standin_renode.Board(tmp_path / "board.repl")


@pytest.mark.sample(4)
@pytest.mark.parametrize("model", sorted(standin_renode.UNSIZED | standin_renode.CLOCKED.keys()))
def test_no_model_is_refused_by_renode_that_a_board_file_may_name(
    checked: Checked, tmp_path: Path, model: str
) -> None:
    """Each that Renode is known to refuse (E21, E25) is accepted by it, or refused before with advice."""
    table = f'uart_model = "{model}"\nuart_address = 0x4000_4400'
    with pytest.raises(standin_renode.Refused, match=r"Error E2[15]: Could not find"):
        standin_renode.check_uart(model, "0x40004400", {})
    if model in standin_renode.CLOCKED:
        with pytest.raises(BoardError, match=rf"{model} needs uart_hz, the clock of that UART in Hz"):
            own_machine(tmp_path, table)
        table += "\nuart_hz = 1_000_000"
    (tmp_path / "board.repl").write_text(files(checked, own_machine(tmp_path, table))["board.repl"])
    standin_renode.Board(tmp_path / "board.repl")


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


@pytest.fixture(scope="module")
def built(board_file: Path, checked: Checked, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, with its firmware."""
    project = tmp_path_factory.mktemp("suite") / "a project"
    generate(checked, read_board(board_file)).write(project)
    build(project)
    return project


@pytest.fixture
def suite(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """The project's suite, of a copy whose files a test may change."""
    robot = pytest.importorskip("robot.api", reason="needs robotframework (the extra dev has it)")
    monkeypatch.delenv("STANDIN", raising=False)
    project = tmp_path / "a project"
    shutil.copytree(built, project)

    def run(*variables: str) -> tuple[int, str]:
        suite = robot.TestSuite.from_file_system(project / "renode" / "test.robot")
        suite.resource.imports.library(str(HERE / "standin_keywords.py"))
        told = io.StringIO()
        result = suite.run(
            output=None, log=None, report=None, stdout=told, stderr=told, variable=list(variables)
        )
        return result.return_code, told.getvalue()

    return project / "renode" / "golden.txt", run


def test_the_suite_passes_on_real_firmware(suite: Suite) -> None:
    failed, told = suite[1]()
    assert failed == 0 and "2 tests, 2 passed" in told, told


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda text: text.replace("m-results-[", "m-results-[9", 1), " != m-results-[9"),
        (lambda text: text.replace("bytes]", "byteS]", 1), "bytes] != m-[Expecting"),
        (lambda text: text.replace("> model edgeq%", "> modem edgeq%"), "e-[unknown command"),
        (lambda text: text.replace("< m-ready", "< m-load-done", 1), "m-ready != m-load-done"),
    ],
    ids=["a result", "an answer", "an error", "one line too many"],
)
def test_the_suite_fails_at_once_where_anything_else_comes(
    suite: Suite, change: Callable[[str], str], difference: str
) -> None:
    """Virtual seconds pass slowly here: what is waited for in vain takes half an hour."""
    golden, run = suite
    text = golden.read_text()
    golden.write_text(change(text))
    assert golden.read_text() != text
    failed, told = run()
    assert failed == 1 and difference in told, told


def test_a_suite_without_an_answer_ends_by_the_hosts_clock(suite: Suite) -> None:
    golden, run = suite
    golden.write_text("< m-ready\n")  # nothing was asked
    failed, told = run("TEST_TIMEOUT:5s")
    assert failed == 1 and "Test timeout 5 seconds exceeded" in told, told


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('uart = "uart0"', "either a platform, or uart_model and uart_address"),
        ('uart = "uart0"\nuart_model = "UART.PL011"', "either a platform, or uart_model and uart_address"),
        (
            'platform = "platforms/cpus/nrf52840.repl"\nuart = "uart0"\nuart_address = 0x4000_2000',
            "either a platform, or uart_model and uart_address",
        ),
        (
            'platform = "platforms/cpus/stm32f4.repl"\nuart = "usart1"\nuart_size = 0x400',
            "uart_size and uart_hz are for a uart_model",
        ),
        (
            'uart = "uart0"\nuart_model = "UART.PL011"\nuart_address = 0\nuart_hz = 1',
            "UART.PL011 takes no uart_hz that edgeq knows of: use attributes",
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
