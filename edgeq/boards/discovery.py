"""Finding the classes that the modules of a folder define: a registry without a list."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from typing import ClassVar, Protocol, TypeVar


class Ordered(Protocol):
    """What has its place in lists."""

    order: ClassVar[int]


T = TypeVar("T", bound=Ordered)


def found_in(package: str, path: Iterable[str], base: type[T]) -> tuple[type[T], ...]:
    """The subclasses of ``base`` that say what their ``order`` is, by that.

    Args:
        package: the package's name.
        path: its ``__path__``.
    """
    return tuple(sorted(_classes(package, path, base), key=lambda kind: (kind.order, kind.__name__)))


def _classes(package: str, path: Iterable[str], base: type[T]) -> Iterator[type[T]]:
    for info in pkgutil.iter_modules(path):
        module = importlib.import_module(f"{package}.{info.name}")
        for kind in vars(module).values():
            own = isinstance(kind, type) and kind.__module__ == module.__name__
            if own and issubclass(kind, base) and "order" in vars(kind):
                yield kind
