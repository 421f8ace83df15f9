"""What a machine with a Coral device lacks: the first thing that stands in the way is the one cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from edgeq.base.errors import EdgeqError, ToolMissingError
from edgeq.verbs.doctor.machine import Need

if TYPE_CHECKING:
    from edgeq.graph import Graph
    from edgeq.targets.coral import Destination
    from edgeq.targets.coral.host import Host
    from edgeq.targets.coral.session import Session

_RUNS = "runs models beside the Edge TPU"
_SLOW = "plug it into a USB 3 port, with a USB 3 cable: USB 2 is eight times slower"


def examine_accelerator(
    destination: Destination, device: str = "", compiler: Sequence[str] | None = None
) -> tuple[Need, ...]:
    """Look at the compiler here and at everything that the device needs where it is.

    Args:
        destination: the machine with the device.
        device: which one, as the delegate names them; empty for any.
        compiler: the argument list that starts the compiler; None for ``edgetpu_compiler`` on PATH.

    Returns:
        In the order in which one needs the other. Only the first that is not there is required: what comes
        after it may be its consequence.
    """
    return (_compiler(compiler), *_only_first_required(_chain(destination, device)))


def _chain(destination: Destination, device: str) -> list[Need]:
    from edgeq.targets.coral.session import Session

    where = f"Python on {destination.name}"
    try:
        with Session(destination) as session:
            host = session.probe()
            needs = [Need(where, "ok", f"{host.python}, {host.system} {host.machine}", _RUNS, required=True)]
            needs += [_interpreter(host, destination), _library(host), _device(host)]
            if all(need.status == "ok" for need in needs):
                needs.append(_opened(session, device))
    except EdgeqError as error:  # the machine, or its Python
        return [Need(where, "missing", error.message, _RUNS, error.hint, required=True)]
    return needs


def _only_first_required(needs: Sequence[Need]) -> tuple[Need, ...]:
    first = next((i for i, need in enumerate(needs) if need.status != "ok"), len(needs))
    return tuple(replace(need, required=i <= first) for i, need in enumerate(needs))


def _compiler(command: Sequence[str] | None) -> Need:
    from edgeq.edgetpu.compiler import find_compiler

    name, purpose = "Edge TPU compiler", "compiles int8 models for the Edge TPU"
    try:
        found = find_compiler(command)
    except ToolMissingError as error:
        return Need(name, "missing", error.message, purpose, error.hint)
    return Need(name, "ok", f"{' '.join(found.command)} {found.version}", purpose)


def _interpreter(host: Host, destination: Destination) -> Need:
    from edgeq.targets.coral.advice import OLD_NUMPY, get_interpreter, get_packages

    name = f"interpreter on {destination.name}"
    if not host.interpreter:
        tried = "none of ai-edge-litert, tflite-runtime (which the vendor's pycoral brings), tensorflow"
        return Need(name, "missing", tried, _RUNS, get_interpreter(destination, host), required=True)
    if not host.numpy:
        hint = get_packages(destination, "numpy")
        return Need(name, "missing", "no numpy", _RUNS, hint, required=True)
    if host.is_numpy_too_new:
        found = f"{host.interpreter} was built for numpy 1, and numpy {host.numpy} is there"
        return Need(name, "missing", found, _RUNS, get_packages(destination, OLD_NUMPY), required=True)
    return Need(name, "ok", host.interpreter, _RUNS, required=True)


def _library(host: Host) -> Need:
    from edgeq.edgetpu.compiler import NEWEST_RUNTIME
    from edgeq.targets.coral.advice import GET_LIBRARY, library_cause

    name, purpose = "libedgetpu", "is the delegate that speaks to the device"
    cause = None if host.library else library_cause(host.library_error)
    if cause is not None:
        return Need(name, "missing", f"{cause[0]} ({host.library_error})", purpose, cause[1], required=True)
    if not host.library:
        return Need(name, "missing", host.library_error, purpose, GET_LIBRARY, required=True)
    version = host.runtime_version
    hint = ""
    if version is not None and version < NEWEST_RUNTIME:
        hint = f"{GET_LIBRARY}; or compile with --min-runtime-version {version}"
    return Need(name, "ok", host.library_version or "of unknown version", purpose, hint, required=True)


def _device(host: Host) -> Need:
    from edgeq.targets.coral.causes import device_cause

    name, purpose = "Edge TPU", "runs the model"
    cause = device_cause(host)
    if cause is not None:
        return Need(name, "missing", cause[0], purpose, cause[1], required=True)
    told = [f"{stick.id} ({stick.state}) on {stick.link}" for stick in host.usb]
    told += [f"{card.node or 'no driver'} on PCIe {card.link}".rstrip() for card in host.pci]
    if host.temperature is not None:
        told.append(f"{host.temperature:.1f} °C")
    slow = any(stick.is_slow for stick in host.usb)
    return Need(name, "ok", ", ".join(told), purpose, _SLOW if slow else "", required=True)


def _opened(session: Session, device: str) -> Need:
    from edgeq.graph import write_model
    from edgeq.targets.coral.session import Stage

    name, purpose = "delegate", "library, interpreter and device go together"
    try:
        tiny = write_model(_tiny())
        loaded = session.load(*(Stage(tiny, delegate=True, device=one) for one in device.split(",")))
    except EdgeqError as error:
        return Need(name, "missing", error.message, purpose, error.hint, required=True)
    return Need(name, "ok", f"opened the device in {loaded.load_ms:.0f} ms", purpose, required=True)


def _tiny() -> Graph:
    """The smallest model: the delegate takes nothing of it, but has to open the device."""
    from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor

    quant = QuantParams.per_tensor(1.0, 0)
    tensors = tuple(Tensor(name, (1, 4), DType.INT8, quant) for name in ("in", "out"))
    return Graph("tiny", tensors, (Operator("RELU", (0,), (1,)),), (0,), (1,))
