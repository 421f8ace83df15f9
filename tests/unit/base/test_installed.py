"""Packages of this machine: there, too old, or not there, each with the command that helps."""

from __future__ import annotations

import importlib.metadata

import pytest

from edgeq.base.installed import Installed, package, package_version


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2.1", Installed("ok", "thing 2.1")),
        ("2.10.3", Installed("ok", "thing 2.10.3")),
        ("10.0rc1", Installed("ok", "thing 10.0rc1")),
        ("2.0.9", Installed("too old", "2.0.9, needs 2.1", "pip install 'thing>=2.1'")),
        ("1", Installed("too old", "1, needs 2.1", "pip install 'thing>=2.1'")),
    ],
)
def test_a_package(version: str, expected: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: version)
    assert package("thing", (2, 1), "pip install thing") == expected


def test_a_package_that_is_not_there() -> None:
    assert package_version("edgeq-has-no-such-package") is None
    told = package("edgeq-has-no-such-package", (1, 0), "pip install it")
    assert told == Installed("missing", "no package edgeq-has-no-such-package", "pip install it")


def test_a_package_that_is_there() -> None:
    assert package("pydantic", (2, 0), "").status == "ok"
