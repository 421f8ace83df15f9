"""TFLM's arena, measured: by its interpreter on this machine, then on the core with the user's library.

One firmware is built with room to spare. The size that it gives to TFLM is a constant in flash, and a
simulated board of the same core boots it again and again with another size there, until the smallest is found
with which a whole inference gives the same outputs.
"""

from __future__ import annotations

import struct
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgeq.backends.tflm.arena import Arena, bisect, estimated, guessed, measured
from edgeq.backends.tflm.custom import NONE, CustomOps
from edgeq.backends.tflm.network import needs_of
from edgeq.base.errors import DeviceError, ToolMissingError
from edgeq.base.hints import document
from edgeq.base.progress import SILENT, Progress
from edgeq.boards import Board, Region, list_boards
from edgeq.boards.simulators import SIMULATORS
from edgeq.builder.symbols import read_symbols
from edgeq.builder.tflm import find_library
from edgeq.data import quantize_input, random_data
from edgeq.interpreter import smallest_arena
from edgeq.targets import open_target
from edgeq.targets.link import Client

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.builder.tflm import Kernels
    from edgeq.checker import Checked

_SYMBOL = "edgeq_arena_bytes"
_CODE_ROOM = 512 << 10
_RAM_ROOM = 64 << 10
_KILO = 1024
_FIRST_PATIENCE = 120.0
_PATIENCE = 2.0


def size_arena(
    checked: Checked,
    board: Board,
    folder: Path | None,
    kernels: Kernels | None,
    progress: Progress = SILENT,
    *,
    custom: CustomOps = NONE,
) -> Arena:
    """The arena for a model on a board.

    Args:
        custom: operators that the user brings, which nothing runs on this machine.

    Without a library, or a simulated board of the core, it is estimated, and a note says so.

    Raises:
        ToolMissingError: TFLM's interpreter, or the compiler, is not installed.
        ModelError: TFLM does not run the model.
        BuildError, UsageError: the library in ``folder`` does not fit.
    """
    library = None if folder is None else find_library(folder, board, needs_of(checked, kernels, custom))
    if any(op.opcode == "CUSTOM" for op in checked.graph.operators):
        guess = guessed(checked.graph)
    else:
        progress.stage("arena", "in TFLM's interpreter on this machine")
        guess = estimated(smallest_arena(checked.model), checked.graph)
    twin = _twin(board)
    if folder is None or library is None:
        why = "no TFLM library is given"
    elif twin is None:
        why = f"no simulated board has this {board.cpu.core}"
    else:
        progress.stage("arena", f"on {twin.id} with the library of {folder}")
        smallest = _on_core(checked, twin, folder, library.kernels, guess, custom=custom)
        if smallest is not None:
            progress.note(
                f"{smallest:,} bytes of arena are the fewest that work with {library.kernels} kernels"
            )
            return measured(smallest, twin.id, library.kernels)
        why = f"the simulator of {twin.id} is not installed"
    progress.note(f"the arena of {guess.bytes:,} bytes is an estimate: {why}")
    return guess


def _twin(board: Board) -> Board | None:
    """A board that runs here, with the same processor: the arena hangs on that alone."""
    if board.is_host:
        return board
    same = [other for other in list_boards() if other.simulator and other.cpu == board.cpu]
    usual = list(SIMULATORS)
    return min(same, key=lambda other: usual.index(other.simulator or ""), default=None)


def _on_core(
    checked: Checked, twin: Board, folder: Path, kernels: Kernels, guess: Arena, *, custom: CustomOps
) -> int | None:
    """The smallest arena; None where the twin's simulator is not installed."""
    from edgeq.backends.tflm.generate import generate
    from edgeq.builder import build

    for room in (guess.bytes, 2 * guess.bytes):
        with tempfile.TemporaryDirectory(prefix="edgeq-arena-") as place:
            roomy = _with_room(twin, len(checked.model), room)
            project = generate(checked, roomy, replace(guess, bytes=room), kernels, custom=custom)
            project.write(Path(place) / "project")
            image = build(Path(place) / "project", tflm_dir=folder)
            try:
                bench = _Bench(image, checked)
                if bench.works(room):
                    return bisect(bench.works, room)
            except ToolMissingError:
                return None
    raise DeviceError(
        f"TFLM does not run on {twin.id} with {2 * guess.bytes:,} bytes of arena, more than it can need",
        f"{document('tflm.md')} has the command that makes a library that is known to work",
    )


def _with_room(twin: Board, model: int, arena: int) -> Board:
    """The board with as much memory as measuring needs: whether the firmware fits is asked later."""
    if twin.flash is None or twin.ram is None:
        return twin

    def grown(region: Region, needed: int) -> Region:
        return Region(address=region.address, size=max(region.size, -(-needed // _KILO) * _KILO))

    return twin.model_copy(
        update={"flash": grown(twin.flash, model + _CODE_ROOM), "ram": grown(twin.ram, arena + _RAM_ROOM)}
    )


class _Bench:
    """One image, booted with one size of arena after another."""

    def __init__(self, image: Image, checked: Checked) -> None:
        self._image = image
        self._elf = image.elf.read_bytes()
        self._place = _file_offset(image.elf)
        samples = random_data(checked.graph.input_tensors, 1)
        self._inputs = [
            np.ascontiguousarray(quantize_input(x, tensor)[0] if raw is None else raw[0]).tobytes()
            for x, raw, tensor in zip(
                samples.x,
                samples.raw or (None,) * len(samples.x),
                checked.graph.input_tensors,
                strict=True,
            )
        ]
        self._expected: list[bytes] = []
        self._patience = _FIRST_PATIENCE

    def works(self, size: int) -> bool:
        """Whether an inference with so many bytes gives what the first one gave."""
        began = time.monotonic()
        outputs = self._run(size)
        if outputs and not self._expected:
            self._expected = outputs
            self._patience = _PATIENCE + 10 * (time.monotonic() - began)
        return bool(outputs) and outputs == self._expected

    def _run(self, size: int) -> list[bytes]:
        data = bytearray(self._elf)
        struct.pack_into("<I", data, self._place, size)
        changed = self._image.elf.with_name(f"arena-{size}.elf")
        changed.write_bytes(data)
        changed.chmod(0o755)
        image = replace(self._image, elf=changed)
        try:
            with open_target(image) as target:
                target.flash(image)
                with Client(target.open(), retries=1, run_timeout=self._patience) as client:
                    client.handshake()
                    return client.infer(self._inputs).outputs
        except DeviceError:  # too small: it says so, or faults
            return []
        finally:
            changed.unlink()


def _file_offset(elf: Path) -> int:
    """Where in the file the constant is that the firmware takes as the arena's size."""
    from elftools.elf.elffile import ELFFile

    address = read_symbols(elf).address_of(_SYMBOL)
    with elf.open("rb") as file:
        for segment in ELFFile(file).iter_segments("PT_LOAD"):
            start = segment["p_vaddr"]
            if address is not None and start <= address < start + segment["p_filesz"]:
                return int(segment["p_offset"] + address - start)
    raise DeviceError(f"{elf} does not hold {_SYMBOL}", "this is a bug of edgeq: please report it")
