"""What this runtime takes of each operator, for the checker."""

from __future__ import annotations

from collections.abc import Mapping

from edgeq.backends.aot.ops import operators
from edgeq.checker.operators import Forms

SUPPORT: Mapping[str, Forms] = {name: tuple(op.support for op in ops) for name, ops in operators().items()}
"""By the schema's name of the operator."""
HOW: Mapping[str, tuple[str, ...]] = {name: tuple(op.how for op in ops) for name, ops in operators().items()}
"""How each form is computed."""
