"""The process that has imported the interpreter and forks a child for every model: a start costs no imports.

``python -m edgeq.interpreter.forks DESCRIPTOR`` obeys a socket, a JSON object at a time. It ends with its
parent, whose end of the socket closes then, and its children end with it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence

from edgeq.interpreter.adaptor import preload

_REQUEST = 4096
_DESCRIPTORS = 3
_PAUSE = 0.001
"""Seconds between two looks at a child that is about to end."""


def main() -> None:
    """Obey the socket until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all: it is the parent's to answer
    preload()
    children: set[int] = set()
    with socket.socket(fileno=int(sys.argv[1])) as parent:
        while True:
            request, descriptors, _, _ = socket.recv_fds(parent, _REQUEST, _DESCRIPTORS)
            if not request:
                break
            asked = json.loads(request)
            if "start" in asked:
                answer = _start(parent, asked["start"], descriptors, asked["imports"])
                children.add(answer)
            elif asked["end"] in children:
                answer = _end(asked["end"], asked["patience"])
                children.remove(asked["end"])
            else:  # an earlier server's, with which it has ended
                answer = -signal.SIGKILL
            parent.sendall(str(answer).encode())
    for child in children:
        _end(child, 0.0)


def _start(parent: socket.socket, name: str, descriptors: Sequence[int], imports: Sequence[str]) -> int:
    module, _, function = name.partition(":")
    for wanted in (module, *imports):
        with contextlib.suppress(Exception):  # the child's to fail on, where somebody reads what it says
            importlib.import_module(wanted)
    child = os.fork()
    if not child:
        parent.close()
        for standard, descriptor in enumerate(descriptors):
            os.dup2(descriptor, standard)
        _run(module, function, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    return child


def _run(module: str, function: str, descriptors: Sequence[int]) -> None:
    """Be the child, to its end."""
    code = 1
    try:
        for descriptor in descriptors:
            os.close(descriptor)
        getattr(importlib.import_module(module), function)()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _end(child: int, patience: float) -> int:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(_PAUSE)
    os.kill(child, signal.SIGKILL)  # to one that has ended, nothing
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
