"""The network on a board: the verdict, and single frames from the pictures that the device is given."""

from pathlib import Path

import pytest

from edgeq.data.raw import read_raw
from edgeq.features import read_declaration

HERE = Path(__file__).parent
RAW = read_declaration(HERE / "camera.toml").raw
CLASSES = ("fist", "point", "victory", "open")

pytestmark = pytest.mark.edgeq(
    "gestures_float.tflite",
    calibration="data/train.npz",
    data="data/test.npz",
    preprocessing="camera.toml",
    min_accuracy="90%",
)


def test_the_verdict(edgeq_deployed):
    """Every reason of a FAIL is in the failure's text."""
    edgeq_deployed.check()


@pytest.mark.parametrize("gesture", CLASSES)
def test_most_pictures_of_a_gesture_are_seen(edgeq_session, gesture):
    """The device is given whole frames, and cuts, greys and shrinks them itself."""
    files = sorted((HERE / "pictures").glob(f"?_{gesture}/*.jpg"))[::4]
    seen = [edgeq_session.infer(frame)[0].argmax() for file in files for frame in read_raw(file, RAW)]
    assert sum(CLASSES[one] == gesture for one in seen) >= 0.85 * len(files)
