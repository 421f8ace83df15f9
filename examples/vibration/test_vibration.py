"""The network on a board: the verdict, and single windows from the files that the device is given."""

from pathlib import Path

import pytest

from edgeq.data.raw import read_raw
from edgeq.features import read_declaration

HERE = Path(__file__).parent
RAW = read_declaration(HERE / "vibration.toml").raw
HEALTHY, FAULTY = 0, 1

pytestmark = pytest.mark.edgeq(
    "vibration_float.tflite",
    calibration="data/train.npz",
    data="data/test.npz",
    preprocessing="vibration.toml",
    min_accuracy="85%",
)


def test_the_verdict(edgeq_deployed):
    """Every reason of a FAIL is in the failure's text."""
    edgeq_deployed.check()


@pytest.mark.parametrize("fault", ["imbalance", "looseness", "misalignment", "outer-race"])
def test_most_motors_with_a_fault_are_found(edgeq_session, fault):
    """Of faults that training never saw; the device is given raw counts, and makes its spectra itself."""
    files = sorted((HERE / "readings" / "1_faulty").glob(f"{fault}_*.csv"))
    found = [edgeq_session.infer(window)[0].argmax() for file in files for window in read_raw(file, RAW)]
    assert found.count(FAULTY) >= 0.75 * len(found)


def test_few_healthy_motors_are_alarming(edgeq_session):
    """An alarm that comes for nothing is soon switched off."""
    files = sorted((HERE / "readings" / "0_healthy").glob("*.csv"))
    found = [edgeq_session.infer(window)[0].argmax() for file in files for window in read_raw(file, RAW)]
    assert found.count(HEALTHY) >= 0.95 * len(found)
