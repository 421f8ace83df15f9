"""The table of options: each stands here once, and nowhere else.

Made from it: every verb's options and their help (``cli/options.py``), what edgeq.toml and the environment
may say (``settings.py``), the tables of ``docs/cli.md`` and ``docs/configuration.md``. Held against it by
tests: the parameters of the Python API. A new option is a row here, the line that uses its value, and a test.
"""

from __future__ import annotations

from edgeq.verbs.options.accepted import ACCEPTED
from edgeq.verbs.options.edgetpu import EDGETPU
from edgeq.verbs.options.making import MAKING
from edgeq.verbs.options.models import MODELS
from edgeq.verbs.options.option import Option
from edgeq.verbs.options.pages import PAGES
from edgeq.verbs.options.places import PLACES
from edgeq.verbs.options.program import PROGRAM
from edgeq.verbs.options.samples import SAMPLES
from edgeq.verbs.options.verdict import LIMITS

__all__ = ["LIMITS", "OPTIONS", "SETTINGS", "Option", "only_for", "options_of"]

OPTIONS = (*MODELS, *MAKING, *PLACES, *LIMITS, *ACCEPTED, *PAGES, *SAMPLES, *EDGETPU, *PROGRAM)
"""In the order of ``--help``."""

SETTINGS = {option.name: option for option in OPTIONS if option.key}
"""What may be said once instead of each time, by name."""


def only_for(boards: str) -> tuple[str, ...]:
    """The names of the options that only boards of this kind obey: ``"edgetpu"`` or ``"firmware"``."""
    return tuple(option.name for option in OPTIONS if option.only == boards)


def options_of(verb: str) -> tuple[Option, ...]:
    """The options of a verb's command line (``"boards show"``), or of ``edgeq`` itself (``""``), in order."""
    return tuple(option for option in OPTIONS if verb in option.verbs)
