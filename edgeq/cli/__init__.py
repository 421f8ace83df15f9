"""The command line: one file per verb, and the only place of edgeq that prints."""

from edgeq.cli.app import main

__all__ = ["main"]
