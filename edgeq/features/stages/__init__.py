"""The stages of a pipeline, one file each."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache

from edgeq.features.stage import Stage


@cache
def stages() -> Mapping[str, type[Stage]]:
    """Every stage of every module here, by its name."""
    modules = (importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__))
    kinds = (kind for module in modules for _, kind in inspect.getmembers(module, inspect.isclass))
    return {kind.name: kind for kind in kinds if issubclass(kind, Stage) and not inspect.isabstract(kind)}
