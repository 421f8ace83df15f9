"""What a runtime has to say: whether it takes a model, what it makes of it, how that runs and is judged.

``deploy`` and ``run`` are the same road for every runtime; what differs is behind these classes. A runtime is
found by the registry in ``edgeq.verbs.runtimes``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from edgeq.base.errors import UsageError

if TYPE_CHECKING:
    from edgeq.backends.project.project import Project
    from edgeq.base.progress import Progress
    from edgeq.boards import Board
    from edgeq.checker import Finding
    from edgeq.data import Dataset
    from edgeq.graph import Graph
    from edgeq.judge.float_model import FloatAnswers
    from edgeq.judge.report import Report
    from edgeq.verbs.calibration import Quantized
    from edgeq.verbs.preflight import Check
    from edgeq.verbs.request import DeployRequest, GenerateRequest, RunRequest
    from edgeq.verbs.runtimes.session import Session


@dataclass(frozen=True)
class Outcome:
    """What judging came to.

    Attributes:
        report: the verdict and everything behind it.
    """

    report: Report

    @property
    def verdict(self) -> Literal["pass", "fail"]:
        """The report's."""
        return self.report.verdict


class Runnable(ABC):
    """A model on its device, or on the way there: all that is left is to run it."""

    @property
    @abstractmethod
    def graph(self) -> Graph:
        """Of the integer model, by which samples are fed and answers are compared."""

    @abstractmethod
    def look(self) -> None:
        """Refuse, before any sample is read, what would keep it from running or from being judged.

        Raises:
            ToolMissingError: the simulator or the oracle is not installed.
            DeviceError: no device is there, or its port does not open.
        """

    @abstractmethod
    def judge(
        self,
        data: Dataset,
        *,
        floats: FloatAnswers | None = None,
        findings: tuple[Finding, ...] = (),
        progress: Progress,
    ) -> Outcome:
        """Run every sample on the device and in the oracle.

        Args:
            data: the samples, at least one.
            floats: what the float model gave for the same data, where there is one.
            findings: what the stages before found.
            progress: hears of it.

        Raises:
            EdgeqError: the device is not there, is silent, faults, or runs something else.
        """

    def session(self, progress: Progress) -> Session:
        """Open it for inferences.

        Raises:
            UsageError: this runtime has none.
            EdgeqError: the device is not there, is silent, faults, or runs something else.
        """
        raise UsageError("what runs this model is not open for inferences", "judge it with edgeq run")


class Artefacts(ABC):
    """What a runtime makes of a model before anything is compiled."""

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Put them into the output folder, which holds the integer model and its manifest already."""

    @abstractmethod
    def build(self, out: Path, progress: Progress) -> Runnable:
        """Compile what :meth:`write` has put into ``out``.

        Raises:
            EdgeqError: it cannot be compiled, or does not fit the device.
        """


class Accepted(ABC):
    """A model that has passed a runtime's check."""

    @abstractmethod
    def make(self, progress: Progress) -> Artefacts:
        """Generate what goes into the output folder; nothing is written yet.

        Raises:
            EdgeqError: the runtime cannot take the model after all.
        """


class Runtime(ABC):
    """What runs models on some kinds of board.

    Attributes:
        name: as ``--runtime`` and reports have it.
        by_name: whether ``--runtime`` may name it; else the board alone calls for it.
        own_options: settings that mean something to it, and nothing to runtimes that do not list them.
        checks: what ``deploy`` looks at before any work (``edgeq.verbs.preflight``).
        own_options_told: how a message goes on, on another board, after the option's name; ``{board}`` is it.
    """

    name: ClassVar[str]
    by_name: ClassVar[bool] = True
    own_options: ClassVar[tuple[str, ...]] = ()
    own_options_told: ClassVar[str] = ""
    checks: ClassVar[tuple[Check, ...]] = ()

    @abstractmethod
    def serves(self, board: Board) -> bool:
        """Whether it runs models on that board."""

    @abstractmethod
    def refuse(self, request: DeployRequest) -> None:
        """Refuse what ``deploy`` can never do here, before any work.

        Raises:
            UsageError: it is asked for such a thing.
        """

    def takes_as_it_is(self, graph: Graph) -> bool:
        """Whether a model needs no conversion, although its inputs or outputs may be real numbers.

        Raises:
            UsageError: no conversion would help: it is made for something else.
        """
        return False

    @abstractmethod
    def check(self, request: DeployRequest, quantized: Quantized, progress: Progress) -> Accepted:
        """Hold an integer model against what the runtime has.

        Raises:
            CheckFailed: with its findings.
        """

    @abstractmethod
    def open(self, request: RunRequest, progress: Progress) -> Runnable:
        """What was built before, at ``request.path``.

        Raises:
            EdgeqError: nothing was built there, or it does not go with the request.
        """

    @abstractmethod
    def generate(self, request: GenerateRequest, progress: Progress) -> Project:
        """The project of an integer model for a board.

        Raises:
            UsageError: the runtime needs none.
            EdgeqError: the model is not one that it takes.
        """
