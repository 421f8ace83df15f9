"""A machine whose Edge TPU library is older than a compiled model ends in that as its cause."""

from __future__ import annotations

import pytest

from edgeq.base.errors import ToolMissingError
from edgeq.graph import write_model
from edgeq.judge.edgetpu import refuse_old_runtime
from edgeq.targets.coral.destination import Destination
from edgeq.targets.coral.host import Host

from .edgetpu_models import compiled, usual


def host(version: str) -> Host:
    return Host("3.11.2", "aarch64", "Linux", "2.1.0", {"ai-edge-litert": "2.3.0"}, True, "", version, (), ())


def test_a_library_that_is_known_to_be_older() -> None:
    with pytest.raises(ToolMissingError, match=r"needs Edge TPU runtime 14, and pi@pi5 has 13") as caught:
        refuse_old_runtime(host("RuntimeVersion(13)"), Destination("pi@pi5"), write_model(compiled(usual())))
    assert "--min-runtime-version 13" in caught.value.hint


@pytest.mark.parametrize(
    ("version", "package"), [("RuntimeVersion(14)", usual()), ("", usual()), ("RuntimeVersion(13)", b"x")]
)
def test_one_that_is_not(version: str, package: bytes) -> None:
    refuse_old_runtime(host(version), Destination("pi@pi5"), write_model(compiled(package)))
