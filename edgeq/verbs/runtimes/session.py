"""A model that waits for inputs where it runs: opened, asked as often as wanted, closed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import DataError
from edgeq.base.folders import holding

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from edgeq.base.progress import Progress
    from edgeq.builder import Image
    from edgeq.graph import Graph
    from edgeq.targets import Place
    from edgeq.verbs.request import EdgeTpuChoice
    from edgeq.verbs.runtimes.edgetpu_models import Found

    Array = npt.NDArray[np.generic]


class Session(ABC):
    """A deployed model, open for inferences. A context manager that closes itself.

    Attributes:
        graph: of the integer model.
        log: where is kept what the device says; None where it says nothing.
        made_there: the inputs that the device makes of raw samples itself, by position.
    """

    def __init__(
        self, graph: Graph, log: Path | None = None, made_there: frozenset[int] = frozenset()
    ) -> None:
        self.graph, self.log, self.made_there = graph, log, made_there
        self._stack = ExitStack()

    def infer(self, *inputs: Any, begin: bool = False, real: bool = False) -> tuple[Array, ...]:
        """One inference.

        Args:
            inputs: of one sample, an array for each input of the model: real values, or the input's own type,
                of the input's shape, with or without its batch of one; where the model keeps stages for it
                (``edgeq.features``) a raw sample, of the raw form's type and shape.
            begin: whether what the model keeps is reset before.
            real: whether outputs are dequantized, to float32.

        Returns:
            The outputs, each of its tensor's shape.

        Raises:
            DataError: another number of inputs, or of elements.
            DeviceError: the device is silent, faults, or is gone.
        """
        import numpy as np

        from edgeq.data import dequantize, quantize_input

        tensors, outputs = self.graph.input_tensors, self.graph.output_tensors
        if len(inputs) != len(tensors):
            raise DataError(
                f"the model takes {len(tensors)} inputs, not {len(inputs)}", "give one array each"
            )
        ready = []
        for place, (given, tensor) in enumerate(zip(inputs, tensors, strict=True)):
            array = np.asarray(given)
            step = tensor.preprocessing
            if step is not None and step.takes(array[np.newaxis]):
                ready.append(
                    array if place in self.made_there else quantize_input(step.real(array[None]), tensor)
                )
                continue
            if place in self.made_there and step is not None:
                raise DataError(
                    f"the device makes {tensor.name} of raw samples {step.forms[0]}, and is given "
                    f"{array.dtype} {list(array.shape)}",
                    "give a raw sample",
                )
            if array.size != tensor.elements:
                raise DataError(
                    f"an input of shape {array.shape} is no sample of {tensor.name}, {tuple(tensor.shape)}",
                    "give one sample",
                )
            ready.append(quantize_input(array.reshape(tensor.shape), tensor))
        got = [
            np.asarray(one).reshape(tensor.shape)
            for one, tensor in zip(self._run(ready, begin=begin), outputs, strict=True)
        ]
        if real:
            return tuple(dequantize(one, tensor) for one, tensor in zip(got, outputs, strict=True))
        return tuple(got)

    @abstractmethod
    def _run(self, inputs: Sequence[Array], *, begin: bool) -> Sequence[Array]:
        """Inputs of the tensors' types and shapes to outputs."""

    def close(self) -> None:
        """End it: the device is free for others. More than once is fine."""
        self._stack.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stack.__exit__(kind, error, trace):
            raise AssertionError("nothing in a session swallows errors")


class FirmwareSession(Session):
    """Firmware on a target, asked over the link.

    Raises:
        EdgeqError: the device is not there, in use or silent, or runs something else.
    """

    def __init__(self, graph: Graph, image: Image, place: Place, log: Path, progress: Progress) -> None:
        from edgeq.judge.firmware import made_there
        from edgeq.targets import FLASH_LOG, is_flashed, open_target
        from edgeq.targets.link import Client, TranscriptStream

        super().__init__(graph, log, made_there(image))
        with ExitStack() as stack:
            stack.enter_context(holding(log, otherwise="run a copy of the folder"))
            target = stack.enter_context(
                open_target(image, place, flash_log=log.with_name(FLASH_LOG), progress=progress)
            )
            target.flash(image)
            transcript = stack.enter_context(
                TranscriptStream(target.open(), log, again=getattr(target, "reopen", None))
            )
            flashed = is_flashed(image.board, place)
            self._client = Client(
                transcript,
                baud=image.board.console.baud,
                diagnosis=target.diagnosis,
                log=log,
                flashed=flashed,
            )
            self._client.handshake(image.model_sha256, image.build_hash)
            stack.enter_context(self._client)
            self._stack = stack.pop_all()

    def _run(self, inputs: Sequence[Array], *, begin: bool) -> Sequence[Array]:
        import numpy as np

        answer = self._client.infer([np.ascontiguousarray(one).tobytes() for one in inputs], begin=begin)
        return [
            np.frombuffer(data, tensor.dtype.numpy.newbyteorder("<"))
            for data, tensor in zip(answer.outputs, self.graph.output_tensors, strict=True)
        ]


class CoralSession(Session):
    """A model beside an Edge TPU, on this machine or over SSH.

    Raises:
        EdgeqError: with one cause.
    """

    def __init__(self, found: Found, choice: EdgeTpuChoice) -> None:
        from edgeq.targets.coral.placing import placed
        from edgeq.targets.coral.session import Session as Beside

        super().__init__(found.graph)
        device = "" if choice.cpu else choice.device
        with ExitStack() as stack:
            self._beside = stack.enter_context(Beside(choice.destination))
            self._stages = placed(found.stages, device, self._beside.probe(), choice.destination)
            self._names = found.names
            self._load()
            self._stack = stack.pop_all()

    def _load(self) -> None:
        self._beside.load(*self._stages, names=self._names)

    def _run(self, inputs: Sequence[Array], *, begin: bool) -> Sequence[Array]:
        if begin and any(tensor.is_variable for tensor in self.graph.tensors):
            self._load()  # what the model keeps begins anew with it
        return self._beside.run([one[None] for one in inputs]).outputs
