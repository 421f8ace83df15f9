"""The pytest plugin's fixtures on a Coral: beside this machine, and on another one over SSH."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from .conftest import Beside, Sshd, StandIn, settings

pytest_plugins = ("pytester",)

MODULE = "edgeq.verbs.testing.plugin"
INSTALLED = any(one.value == MODULE for one in entry_points(group="pytest11"))
PLUGIN = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *(() if INSTALLED else ("-p", MODULE)))


@pytest.mark.slow
def test_a_model_on_a_coral_here_and_over_ssh(
    standin: StandIn, beside: Beside, model: bytes, sshd: Sshd, pytester: pytest.Pytester
) -> None:
    beside.plug_in()
    folder: Path = pytester.path
    (folder / ".git").mkdir()
    (folder / "net.tflite").write_bytes(model)
    settings(folder, python=str(beside.python), ssh=list(sshd.ssh))
    pytester.makepyfile(
        """
        import numpy as np, pytest
        from edgeq.interpreter import run
        pytestmark = pytest.mark.edgeq("net.tflite", samples=3)
        def test_it(edgeq_deployed, edgeq_board):
            assert edgeq_board.is_accelerator
            assert edgeq_deployed.report.coral.processor == "edgetpu"
            edgeq_deployed.check()
        def test_open(edgeq_session, edgeq_deployed):
            reference = (edgeq_deployed.folder / "model_int8.tflite").read_bytes()
            x = np.arange(72, dtype=np.int8).reshape(1, 6, 6, 2)
            (got,) = edgeq_session.infer(x)
            assert got.shape == run(reference, [x])[0].shape == (1, 5)
            assert np.array_equal(edgeq_session.infer(x[0])[0], got)
        """
    )
    boards = ("--edgeq-board=coral", f"--edgeq-board=coral@{sshd.destination}")
    result = pytester.runpytest(*PLUGIN, *boards, "-v")
    result.assert_outcomes(passed=4)
    told = result.stdout.str()
    assert "[net-coral]" in told and "[net-coral-" in told
