"""What an option is: a row of the table in ``options.py``, which everything that knows of options reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Kind = Literal[
    "text",
    "spec",
    "board",
    "path",
    "program",
    "words",
    "choice",
    "share",
    "mean_std",
    "integer",
    "number",
    "flag",
    "switch",
    "count",
]
"""What a value is: ``spec`` is data (a path or ``module:function``), ``board`` an id or the path of a
board.toml, ``program`` a path or a name on PATH, ``words`` an argument list, ``share`` a fraction or percent,
``mean_std`` two numbers, ``switch`` a flag with its opposite, ``count`` a flag that counts."""

Choices = tuple[str, ...] | Callable[[], tuple[str, ...]]


class Option(NamedTuple):
    """One thing that a user can say, wherever it is said.

    Attributes:
        name: of the parameter that verbs take, and of the setting.
        kind: what its value is.
        help: what it does; ``{default}`` and ``{environment}`` stand for this row's own.
        verbs: whose command line takes it; ``""`` is ``edgeq`` itself. None: it stands in edgeq.toml only.
        helps: other words for some verbs.
        flag: how the command line spells it, where not ``--name``.
        short: the letter of the short flag.
        metavar: how help names the value.
        choices: of a ``choice``; a function where another module knows them.
        low, high: the range of a number; ``above`` leaves out ``low`` itself.
        pattern: what a text in edgeq.toml has to match.
        default: what holds where nobody says anything; None for what only the verb can tell.
        key: in edgeq.toml, ``table.key`` in a table; empty for an option that cannot be set once for all.
        environment: the variable of the environment that stands over edgeq.toml.
        parameter: its name in the Python API, where another.
        many: it may be given several times.
        bare: the flag may stand without a value.
        needs: without one of these it would be ignored, so it is refused: ``name``, or ``name=value``.
        excludes: beside any of these it would be ignored, so it is refused; ``name=value but own`` not with
            this value of its own.
        only: the boards that it is for; empty for all.
        instead_of: a setting that this one takes back when it is said later.
    """

    name: str
    kind: Kind
    help: str
    verbs: tuple[str, ...] = ()
    helps: Mapping[str, str] = MappingProxyType({})
    flag: str = ""
    short: str = ""
    metavar: str = ""
    choices: Choices = ()
    low: float | None = None
    high: float | None = None
    above: bool = False
    pattern: str = ""
    default: Any = None
    key: str = ""
    environment: str = ""
    parameter: str = ""
    many: bool = False
    bare: bool = False
    needs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    only: Literal["", "edgetpu", "firmware"] = ""
    instead_of: str = ""

    @property
    def spelling(self) -> str:
        """The long flag: ``--max-latency``."""
        return self.flag or "--" + self.name.replace("_", "-")

    @property
    def python(self) -> str:
        """The parameter of the Python API."""
        return self.parameter or self.name

    @property
    def is_opposite(self) -> bool:
        """Whether the parameter of the Python API says the contrary: ``--no-flash`` is ``flash=False``."""
        return self.name == f"no_{self.parameter}"

    @property
    def opposite(self) -> str:
        """The flag that says the contrary, of a ``switch``."""
        return self.spelling.replace("--", "--no-", 1) if self.kind == "switch" else ""

    @property
    def table(self) -> str:
        """The table of edgeq.toml that its key is in; empty for the top level."""
        return self.key.rpartition(".")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The names that a ``choice`` is between."""
        return self.choices() if callable(self.choices) else self.choices

    def explained(self, verb: str) -> str:
        """The help text of a verb."""
        text = self.helps.get(verb, self.help)
        return text.format(default=self.default, environment=self.environment)
