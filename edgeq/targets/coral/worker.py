"""What runs beside the device: sent over stdin as it is, so it knows nothing of edgeq.

Python 3.7 and numpy are enough. It speaks in frames: a JSON head that describes the arrays which follow, then
the model where there is one, then the arrays' bytes; each with its length in front (8 bytes, little-endian).
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import platform
import queue
import select
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

MAGIC = b"\nedgeq-worker 1\n"
LIBRARY = "libedgetpu.so.1"
LARGEST = 1 << 31

_LENGTH = struct.Struct("<Q")
# The vendor's pycoral brings tflite-runtime along, and does with it what is done here.
_WAYS = (
    ("ai-edge-litert", "ai_edge_litert.interpreter"),
    ("tflite-runtime", "tflite_runtime.interpreter"),
    ("tensorflow", "tensorflow.lite.python.interpreter"),
)
_USB_IDS = {"1a6e:089a": "waiting for firmware", "18d1:9302": "ready"}
_PCI_ID = ("0x1ac1", "0x089a")


def main() -> None:
    """Answer requests until stdin ends."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # native libraries print to descriptor 1
    requests = sys.stdin.buffer
    replies.write(MAGIC)
    replies.flush()
    threading.Thread(target=_end_with_feeder, daemon=True).start()
    state: dict[str, Any] = {}
    while True:
        request = _receive(requests)
        if request is None:
            return
        head, model, arrays = request
        try:
            answer, results = _answer(state, head, model, arrays)
        except Exception as error:  # everything is the parent's to judge
            answer = {"error": str(error) or type(error).__name__, "type": type(error).__name__}
            answer["phase"] = state.get("phase", "")
            results = []
        _send(replies, answer, results)


def _end_with_feeder() -> None:
    """End as soon as nobody feeds stdin any more: a lost connection must not leave the device taken."""
    hung_up = select.POLLHUP | getattr(select, "POLLRDHUP", 0)
    poll = select.poll()
    poll.register(0, hung_up)
    while not any(event & hung_up for _, event in poll.poll(1000)):
        pass
    os._exit(0)


def _answer(
    state: dict[str, Any], head: dict[str, Any], model: bytes, arrays: list[Any]
) -> tuple[dict[str, Any], list[Any]]:
    if head["do"] == "probe":
        state["phase"] = "probe"
        return probe(str(head["root"])), []
    if head["do"] == "load":
        if head["kind"] == "first":
            state["stages"], state["companions"] = [], []
        return _load(state, head, model), []
    state["phase"] = "invoke"
    if len(state["stages"]) == 1:
        return _invoke(state["stages"][0], arrays, state["companions"])
    return _pipelined(state["stages"], head["names"], arrays)


def _load(state: dict[str, Any], head: dict[str, Any], model: bytes) -> dict[str, Any]:
    """Put one more model behind those that are loaded, or beside them, where it takes turns."""
    state["phase"] = "import"
    way, module = _way()
    began = time.perf_counter()
    delegates = []
    if head["delegate"]:
        state["phase"] = "delegate"
        device = str(head["device"])
        delegates = [module.load_delegate(LIBRARY, {"device": device} if device else {})]
    state["phase"] = "load"
    interpreter = _interpreter(module, model, delegates)
    took = time.perf_counter() - began
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    loaded = {"interpreter": interpreter, "inputs": inputs, "outputs": outputs}
    state["companions" if head["kind"] == "companion" else "stages"].append(loaded)
    return {"load_ms": took * 1e3, "package": way, "version": _version(way)}


def _interpreter(module: Any, model: bytes, delegates: list[Any]) -> Any:
    """The package's interpreter, ready; without its XNNPACK delegate where that refuses the model."""
    try:
        interpreter = module.Interpreter(model_content=model, experimental_delegates=delegates)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        if "XNNPack" not in str(error) or not hasattr(module, "OpResolverType"):
            raise
        plain = module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        interpreter = module.Interpreter(
            model_content=model, experimental_delegates=delegates, experimental_op_resolver_type=plain
        )
        interpreter.allocate_tensors()
    return interpreter


def _invoke(
    stage: dict[str, Any], arrays: list[Any], companions: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[Any]]:
    """Run each sample once: the outputs, and milliseconds of the invoke alone and with the copies.

    Before each the companions have their turn, untimed, on whatever their inputs hold.
    """
    import numpy as np

    interpreter = stage["interpreter"]
    collected: list[list[Any]] = []
    invoke_ms: list[float] = []
    whole_ms: list[float] = []
    for sample in range(len(arrays[0])):
        for companion in companions:
            companion["interpreter"].invoke()
        began = time.perf_counter()
        for detail, array in zip(stage["inputs"], arrays):  # noqa: B905  # strict= came with Python 3.10
            interpreter.set_tensor(detail["index"], array[sample].reshape(detail["shape"]))
        start = time.perf_counter()
        interpreter.invoke()
        end = time.perf_counter()
        collected.append([interpreter.get_tensor(detail["index"]) for detail in stage["outputs"]])
        invoke_ms.append((end - start) * 1e3)
        whole_ms.append((time.perf_counter() - began) * 1e3)
    outputs = [np.stack(parts) for parts in zip(*collected)]  # noqa: B905
    return {"invoke_ms": invoke_ms, "whole_ms": whole_ms, "stage_ms": [invoke_ms]}, outputs


def _pipelined(
    stages: list[dict[str, Any]], names: dict[str, list[str]], arrays: list[Any]
) -> tuple[dict[str, Any], list[Any]]:
    """Run samples through models in a row, each on another sample; tensors go on by their names.

    Of a sample, ``invoke_ms`` is the sum of its stages' and ``whole_ms`` the time since the one before.
    """
    import numpy as np

    waiting: list[Any] = [queue.Queue(2) for _ in stages]
    waiting.append(queue.Queue())
    stage_ms: list[list[float]] = [[] for _ in stages]
    failed: list[Exception] = []

    def work(position: int) -> None:
        while True:
            tensors = waiting[position].get()
            if tensors is not None and not failed:
                try:
                    stage_ms[position].append(_through(stages[position], tensors))
                except Exception as error:  # the rest of the samples is still taken, and dropped
                    failed.append(error)
            if tensors is None or not failed:
                waiting[position + 1].put(tensors)
            if tensors is None:
                return

    threads = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(len(stages))]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for sample in range(len(arrays[0])):
        given = zip(names["inputs"], arrays)  # noqa: B905
        waiting[0].put({name: array[sample] for name, array in given})
    waiting[0].put(None)
    collected: list[list[Any]] = []
    whole_ms: list[float] = []
    for tensors in iter(waiting[-1].get, None):
        done = time.perf_counter()
        whole_ms.append((done - began) * 1e3)
        began = done
        collected.append([tensors[name] for name in names["outputs"]])
    if failed:
        raise failed[0]
    outputs = [np.stack(parts) for parts in zip(*collected)]  # noqa: B905
    invoke_ms = [sum(times) for times in zip(*stage_ms)]  # noqa: B905
    return {"invoke_ms": invoke_ms, "whole_ms": whole_ms, "stage_ms": stage_ms}, outputs


def _through(stage: dict[str, Any], tensors: dict[str, Any]) -> float:
    """One sample through one model: its outputs are put beside what is there; milliseconds of the invoke."""
    interpreter = stage["interpreter"]
    for detail in stage["inputs"]:
        if detail["name"] not in tensors:
            raise ValueError("no earlier part gives the tensor " + repr(detail["name"]))
        interpreter.set_tensor(detail["index"], tensors[detail["name"]].reshape(detail["shape"]))
    start = time.perf_counter()
    interpreter.invoke()
    took = (time.perf_counter() - start) * 1e3
    for detail in stage["outputs"]:
        tensors[detail["name"]] = interpreter.get_tensor(detail["index"])
    return took


def _way() -> tuple[str, Any]:
    """The first interpreter that can be imported."""
    tried = []
    for name, module in _WAYS:
        try:
            return name, importlib.import_module(module)
        except ImportError as error:
            tried.append(name + ": " + str(error))
    raise ImportError("no interpreter: " + "; ".join(tried))


def probe(root: str) -> dict[str, Any]:
    """What this machine has: Python, interpreters, the library, devices, links, temperature."""
    packages = {}
    for name, module in _WAYS:
        try:
            importlib.import_module(module)
        except ImportError:
            continue
        packages[name] = _version(name)
    try:
        numpy_version = str(importlib.import_module("numpy").__version__)
    except ImportError:
        numpy_version = ""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        "numpy": numpy_version,
        "packages": packages,
        "library": _library(),
        "usb": _usb(root),
        "pci": _pci(root),
        "page_size": os.sysconf("SC_PAGE_SIZE"),
    }


def _library() -> dict[str, Any]:
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        return {"found": False, "error": str(error), "version": ""}
    version = ""
    if hasattr(library, "edgetpu_version"):
        library.edgetpu_version.restype = ctypes.c_char_p
        version = (library.edgetpu_version() or b"").decode("utf-8", "replace")
    return {"found": True, "error": "", "version": version}


def _usb(root: str) -> list[dict[str, Any]]:
    """Every Coral stick: its state, its link's Mbit/s, and whether this user may open it."""
    found = []
    for folder in _entries(Path(root, "sys/bus/usb/devices")):
        code = _text(folder, "idVendor") + ":" + _text(folder, "idProduct")
        if code not in _USB_IDS:
            continue
        speed = _text(folder, "speed")
        bus, number = _text(folder, "busnum"), _text(folder, "devnum")
        node = ""
        if bus.isdigit() and number.isdigit():
            node = str(Path(root, "dev/bus/usb", f"{int(bus):03d}", f"{int(number):03d}"))
        found.append(
            {
                "id": code,
                "state": _USB_IDS[code],
                "mbps": float(speed) if speed.replace(".", "", 1).isdigit() else None,
                "node": node,
                "allowed": not node or os.access(node, os.R_OK | os.W_OK),
            }
        )
    return found


def _pci(root: str) -> list[dict[str, Any]]:
    """Every Coral card on PCI Express: its device file (empty without the driver), link and temperature."""
    slots = _entries(Path(root, "sys/bus/pci/devices"))
    cards = [slot for slot in slots if (_text(slot, "vendor"), _text(slot, "device")) == _PCI_ID]
    nodes = [path for path in _entries(Path(root, "dev")) if path.name.startswith("apex_")]
    found = []
    for position in range(max(len(cards), len(nodes))):
        node = nodes[position] if position < len(nodes) else None
        link = ""
        if position < len(cards):
            speed, width = (
                _text(cards[position], key) for key in ("current_link_speed", "current_link_width")
            )
            link = speed + " x" + width if speed and width else speed
        found.append(
            {
                "node": str(node or ""),
                "link": link,
                "allowed": node is None or os.access(str(node), os.R_OK | os.W_OK),
                "temperature": _temperature(Path(root, "sys/class/apex", node.name)) if node else None,
            }
        )
    return found


def _temperature(folder: Path) -> float | None:
    """Degrees Celsius; None where the sensor is off, which reads as about -89."""
    try:
        value = float(_text(folder, "temp"))
    except ValueError:
        return None
    degrees = value / 1000 if abs(value) >= 1000 else value
    return degrees if degrees > -50 else None


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(folder: Path, name: str) -> str:
    try:
        with (folder / name).open("rb") as file:
            return file.read(100).decode("ascii", "replace").strip()
    except OSError:
        return ""


def _version(distribution: str) -> str:
    try:
        metadata = importlib.import_module("importlib.metadata")  # since Python 3.8
        return str(metadata.version(distribution))
    except Exception:
        module = sys.modules.get(distribution.replace("-", "_"))
        return str(getattr(module, "__version__", ""))


def _send(stream: BinaryIO, head: dict[str, Any], arrays: list[Any]) -> None:
    described = [[array.dtype.str, list(array.shape)] for array in arrays]
    text = json.dumps(dict(head, arrays=described, blob=False)).encode()
    for payload in [text] + [array.tobytes() for array in arrays]:
        stream.write(_LENGTH.pack(len(payload)))
        stream.write(payload)
    stream.flush()


def _receive(stream: BinaryIO) -> tuple[dict[str, Any], bytes, list[Any]] | None:
    """One request, or None where the other side ended."""
    text = _frame(stream)
    if text is None:
        return None
    head = json.loads(text)
    model = _frame(stream) if head["blob"] else b""
    arrays = []
    for dtype, shape in head["arrays"]:
        import numpy as np

        arrays.append(np.frombuffer(_frame(stream) or b"", np.dtype(dtype)).reshape(shape))
    return head, model or b"", arrays


def _frame(stream: BinaryIO) -> bytes | None:
    prefix = stream.read(_LENGTH.size)
    if len(prefix) != _LENGTH.size:
        return None
    length = _LENGTH.unpack(prefix)[0]
    if length > LARGEST:
        return None
    data = stream.read(length)
    return data if len(data) == length else None


if __name__ == "__main__":
    main()
