"""The network on a board: the verdict, and single sounds from the files that the device is given."""

from pathlib import Path

import pytest

from edgeq.data.sounds import read_wav

HERE = Path(__file__).parent
CLASSES = ("other", "go", "no", "stop", "yes")

pytestmark = pytest.mark.edgeq(
    "words_float.tflite",
    calibration="data/train.npz",
    data="data/test.npz",
    preprocessing="sound.toml",
    min_accuracy="80%",
)


def test_the_verdict(edgeq_deployed):
    """Every reason of a FAIL is in the failure's text."""
    edgeq_deployed.check()


@pytest.mark.parametrize("word", ["go", "no", "stop", "yes"])
def test_most_recordings_of_a_word_are_heard(edgeq_session, word):
    """The device is given raw sound, and makes its features itself."""
    files = sorted((HERE / "recordings").glob(f"?_{word}/*.wav"))
    heard = [edgeq_session.infer(read_wav(file)[1])[0].argmax() for file in files]
    assert sum(CLASSES[one] == word for one in heard) >= 0.8 * len(files)
