"""What hints have in common: commands that can be pasted, options as both interfaces call them, documents."""

from __future__ import annotations

import shlex
from os import PathLike

DOCUMENTS = "https://edgeq.readthedocs.io/en/stable"
"""Where the documents are that a wheel lacks; the same as ``project.urls`` in pyproject.toml."""

FORCE = "--force (force=True in Python)"
ELSEWHERE = "give another place with --out (out= in Python)"


def command(*words: str | PathLike[str]) -> str:
    """A command line as a shell takes it."""
    return shlex.join([str(word) for word in words])


def document(name: str) -> str:
    """The address of a document of the repository's folder docs, by its file's name (``"coral.md"``)."""
    return f"{DOCUMENTS}/{name.removesuffix('.md')}.html"
