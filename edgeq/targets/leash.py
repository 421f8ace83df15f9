"""Run as a script of its own: starts a program, and ends it as soon as whoever asked for it is gone.

``python leash.py PROGRAM ARGUMENT …`` with a pipe as standard input, of which the asking process alone holds
the other end: however that process ends, the pipe then ends, too. It exits as the program does, with 128 and
the signal's number where a signal ended it. It imports nothing of edgeq and little else: it starts at once.
"""

import os
import select
import signal
import sys

_NOT_STARTED = 127
_SIGNALS = 128


def run(command: list[str]) -> int:
    """Start the program, wait for its end or for that of standard input, and end it; its exit code."""
    ended, end = os.pipe()  # closes when the program ends, since nobody else holds its other end
    program = os.fork()
    if program == 0:
        os.set_inheritable(end, True)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        try:
            os.execvp(command[0], command)  # noqa: S606 - no shell is what is wanted
        except OSError as error:
            os.write(2, f"cannot start {command[0]}: {error.strerror}\n".encode())
        os._exit(_NOT_STARTED)
    os.close(end)
    waiting = select.poll()
    waiting.register(0, 0)
    waiting.register(ended, 0)
    waiting.poll()
    os.kill(program, signal.SIGKILL)  # without effect where it has ended and was not waited for
    code = os.waitstatus_to_exitcode(os.waitpid(program, 0)[1])
    return code if code >= 0 else _SIGNALS - code


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
