"""The JSON Schema of the report, which ships with the package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def report_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every report of this version follows."""
    schema: dict[str, Any] = json.loads(Path(__file__).with_name("schema.json").read_bytes())
    return schema
