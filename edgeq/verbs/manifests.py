"""``edgeq.json`` of the folders that verbs write: whose they are, and what they were made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edgeq.backends.project.project import PREPROCESSING, stamped
from edgeq.base.ownership import MANIFEST
from edgeq.features.preprocessing import Steps, steps_of
from edgeq.graph import Graph, model_hash


def manifest_bytes(stage: str, **facts: object) -> bytes:
    """The manifest of a folder that a verb has made, stamped with its stage and the tool's version."""
    return json_bytes(stamped(stage, facts))


def source_facts(name: str, model: bytes) -> dict[str, object]:
    """Which model the user gave."""
    return {"name": name, "sha256": model_hash(model)}


def file_facts(file: str, model: bytes) -> dict[str, object]:
    """Which model is in the folder."""
    return {"file": file, "sha256": model_hash(model), "bytes": len(model)}


def model_facts(name: str, model: bytes) -> dict[str, object]:
    """A model as the verbs' JSON names it."""
    return {"name": name, "sha256": model_hash(model), "bytes": len(model)}


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a folder's manifest says; empty where there is none that can be read."""
    try:
        value = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def preprocessing_in(manifest: dict[str, Any], graph: Graph) -> Steps:
    """What a manifest tells of raw inputs; nothing where it tells nothing that fits the model."""
    told = manifest.get(PREPROCESSING)
    try:
        return steps_of(told, len(graph.inputs)) if isinstance(told, list) else ()
    except ValueError:
        return ()


def name_in(manifest: dict[str, Any], table: str) -> str | None:
    """The model's own name as a manifest has it: in the folder its file has another one."""
    found = manifest.get(table)
    name = found.get("name") if isinstance(found, dict) else None
    return name if isinstance(name, str) else None


def json_bytes(value: object) -> bytes:
    """A JSON file's content."""
    return (json.dumps(value, indent=2, allow_nan=False) + "\n").encode()
