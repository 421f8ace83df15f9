"""What every test may ask for."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

# Started in the background by a shell, pytest would pass on to its children that Ctrl-C is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.hookimpl(tryfirst=True)  # before -m looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test that is marked ``sample(n)``, n cases run by default, evenly spread; the others are slow."""
    groups: dict[tuple[str, str], list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sample") is not None and item.get_closest_marker("slow") is None:
            name = getattr(item, "originalname", item.name)
            groups.setdefault((str(item.path), name), []).append(item)
    for cases in groups.values():
        mark = cases[0].get_closest_marker("sample")
        assert mark is not None
        kept = {i * len(cases) // mark.args[0] for i in range(mark.args[0])}
        for place, item in enumerate(cases):
            if place not in kept:
                item.add_marker("slow")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of models and facts beside the project; the test is skipped where it is absent."""
    place = Path(os.environ.get("EDGEQ_SHARED", REPOSITORY.parent / "shared"))
    if not (place / "models").is_dir():
        pytest.skip(f"no shared models at {place} (set EDGEQ_SHARED)")
    return place


@pytest.fixture(scope="session")
def examples() -> Path:
    """The repository's examples."""
    return REPOSITORY / "examples"


Calls = Callable[[Callable[[], object]], int]


@pytest.fixture(scope="session")
def calls() -> Calls:
    """How many functions, Python's and C's, are called while one runs: its work, however busy the machine."""

    def count(function: Callable[[], object]) -> int:
        made = 0

        def note(frame: FrameType, event: str, argument: object) -> None:
            nonlocal made
            made += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(note)
        try:
            function()
        finally:
            sys.setprofile(before)
        return made

    return count


@pytest.fixture
def own_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks of made-up devices, apart from those of other tests that run at the same time."""
    from edgeq.targets.devices import locks

    place = tmp_path / "locks"
    place.mkdir()
    monkeypatch.setattr(locks, "_PLACE", place)
