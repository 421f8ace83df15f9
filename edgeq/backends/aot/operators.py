"""What this runtime takes of each operator, for the checker."""

from __future__ import annotations

from collections.abc import Mapping

from edgeq.backends.aot.ops import operators
from edgeq.checker.operators import Support

SUPPORT: Mapping[str, Support] = {name: op.support for name, op in operators().items()}
"""By the schema's name of the operator."""
