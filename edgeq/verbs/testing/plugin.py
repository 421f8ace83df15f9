"""Hooks and fixtures; whoever loads pytest loads this file, so it imports nothing else of edgeq's at once."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from edgeq.boards import Board
    from edgeq.verbs.runtimes.session import Session
    from edgeq.verbs.testing.cells import TestCell
    from edgeq.verbs.testing.deployed import Deployed
    from edgeq.verbs.testing.deploying import Deploying

CELL = "edgeq_cell"
_WITH_MODEL = {"edgeq_deployed", "edgeq_session"}
_STASH = pytest.StashKey["Deploying"]()
_MARKERS = (
    "edgeq(*models, boards=..., **options): which models on which boards, and options of edgeq.deploy",
    "edgeq_only(*boards, reason=...): skip on others; an id, or hardware, simulated, host, accelerator",
    "edgeq_optional: skip, with the reason, where a tool or a device is not there",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, each ``--edgeq-…``."""
    group = parser.getgroup("edgeq", "edgeq: models on boards")
    for name, metavar, text in (
        ("board", "ID", "run on this board; may be given several times"),
        ("model", "FILE", "run with this model; may be given several times"),
        ("runtime", "NAME", "with this runtime; may be given several times"),
        ("toolchain", "NAME", "by this compiler; may be given several times"),
    ):
        group.addoption(f"--edgeq-{name}", action="append", default=[], metavar=metavar, help=text)
    for name, metavar, text in (
        ("hwmap", "FILE", "the hardware map (Zephyr's twister): which board is behind which probe"),
        ("sim", "NAME", "simulate the boards with this"),
        ("port", "URL", "the board is behind this port"),
        ("place", "NAME", "the board is in labgrid's place of this name, or with these tags"),
        ("baseline", "FILE", "the figures that were accepted last (default: edgeq-baseline.json, if there)"),
        ("tolerance", "SHARE", "by which share a figure may be worse than that (default: 1%%)"),
        ("out", "DIR", "keep what is made there (default: pytest's temporary folder)"),
    ):
        group.addoption(f"--edgeq-{name}", metavar=metavar, help=text)
    group.addoption("--edgeq-update", action="store_true", help="accept the figures of this run")
    group.addoption(
        "--edgeq-wait", type=float, default=600.0, metavar="SECONDS",
        help="how long to wait for a device that another has (default: 600)",
    )  # fmt: skip
    parser.addini("edgeq_boards", "boards to run on, where --edgeq-board names none", type="args")
    parser.addini("edgeq_models", "models to run with, below the folder of this file", type="args")


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest the markers."""
    for line in _MARKERS:
        config.addinivalue_line("markers", line)


def _deploying(config: pytest.Config) -> Deploying:
    """What this process deploys and has deployed."""
    if _STASH not in config.stash:
        from edgeq.verbs.testing.deploying import Deploying

        config.stash[_STASH] = Deploying(config)
    return config.stash[_STASH]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a board or a model runs once for each cell of the matrix."""
    if CELL not in metafunc.fixturenames:
        return
    from edgeq.base.errors import EdgeqError
    from edgeq.verbs.testing.cells import cells_for

    with_model = bool(_WITH_MODEL & set(metafunc.fixturenames))
    markers = list(metafunc.definition.iter_markers())
    try:
        found = cells_for(metafunc.config, markers, with_model=with_model)
    except EdgeqError as error:
        raise pytest.Collector.CollectError(f"edgeq: {error.message}\nhint: {error.hint}") from None
    values = []
    for cell in found:
        marks = [pytest.mark.skip(reason=cell.skipped)] if cell.skipped else []
        values.append(pytest.param(cell, marks=marks, id=cell.name))
    metafunc.parametrize(CELL, values, indirect=True, scope="session")


@pytest.fixture(scope="session")
def edgeq_cell(request: pytest.FixtureRequest) -> TestCell:
    """One cell of the matrix: ``.name``, ``.board``, ``.model``, ``.runtime``, ``.toolchain``."""
    cell: TestCell = request.param
    return cell


@pytest.fixture(scope="session")
def edgeq_board(edgeq_cell: TestCell) -> Board:
    """The board, as ``edgeq.load_board`` gives it."""
    from edgeq.verbs.from_settings import board_of

    return board_of(edgeq_cell.board)


@pytest.fixture(scope="session")
def edgeq_deployed(edgeq_cell: TestCell, request: pytest.FixtureRequest) -> Deployed:
    """The model on the board, judged: ``.check()``, ``.report``, ``.changes``, ``.folder``."""
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    temporary = factory.getbasetemp()
    if hasattr(request.config, "workerinput"):  # what is made there is for all workers
        temporary = temporary.parent
    given: str | None = request.config.getoption("--edgeq-out")
    base = temporary / "edgeq" if given is None else request.config.invocation_params.dir / given
    return _deploying(request.config).deployed(edgeq_cell, base, temporary)


@pytest.fixture(scope="module")
def edgeq_session(edgeq_deployed: Deployed) -> Iterator[Session]:
    """The model on the board, open: ``.infer(array)`` as often as wanted."""
    with edgeq_deployed.session() as session:
        yield session


def _cell_of(item: pytest.Item) -> TestCell | None:
    cell: TestCell | None = getattr(getattr(item, "callspec", None), "params", {}).get(CELL)
    return cell


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    """Have the results' properties say what was tested, also where its setup fails."""
    cell = _cell_of(item)
    try:
        return (yield)
    finally:
        if cell is not None:
            item.user_properties += _deploying(item.config).properties(
                cell, set(getattr(item, "funcargs", {}))
            )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of a failure what was waited for, what was said last, and where the log is."""
    report = yield
    cell = _cell_of(item)
    if cell is None or call.excinfo is None:
        return report
    from edgeq.base.errors import EdgeqError

    error = call.excinfo.value
    if isinstance(error, EdgeqError):
        deploying = _deploying(item.config)
        if item.get_closest_marker("edgeq_optional") is not None and deploying.is_absent(cell, error):
            report.outcome = "skipped"
            report.longrepr = (str(item.path), item.location[1] or 0, f"Skipped: {error.message}")
        elif call.when == "setup":
            report.longrepr = deploying.evidence(cell, error)
        else:
            report.sections.append(("edgeq", deploying.evidence(cell, error)))
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """What a worker of pytest-xdist has measured."""
    told = getattr(node, "workeroutput", {}).get("edgeq")
    if told:
        _deploying(node.config).heard(told)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what was measured; the one who heard everything accepts it."""
    config = session.config
    if _STASH not in config.stash:
        return
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output["edgeq"] = config.stash[_STASH].told()
    elif not config.stash[_STASH].finish():
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A line for each cell."""
    if _STASH not in config.stash:
        return
    lines = config.stash[_STASH].summary()
    if lines:
        terminalreporter.section("edgeq")
        for line in lines:
            terminalreporter.write_line(line)
