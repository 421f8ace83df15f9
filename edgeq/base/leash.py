"""Run as a script of its own: starts a program, and ends it as soon as whoever asked for it is gone.

``python leash.py IN OUT PROGRAM ARGUMENT …`` with a pipe as standard input, of which only the asking process
holds the other end: however that process ends, the pipe then ends, too. IN and OUT are descriptors that
become the program's standard input and output; for - it gets no input, and this one's output. What it
started in its process group is ended with it. It ends as the program does, by a code or by a signal. It
imports nothing of edgeq and little else: it starts at once.
"""

import os
import resource
import select
import signal
import sys

_NOT_STARTED = 127


def run(given: str, taken: str, command: list[str]) -> int:
    """Start the program, wait for its end or that of standard input, end it; its code, below 0 a signal."""
    ended, end = os.pipe()  # closes when the program ends, since nobody else holds its other end
    program = os.fork()
    if program == 0:
        os.setpgid(0, 0)
        os.set_inheritable(end, True)
        os.dup2(os.open(os.devnull, os.O_RDONLY) if given == "-" else int(given), 0)
        if taken != "-":
            os.dup2(int(taken), 1)
        for copied in {given, taken} - {"-"}:
            os.close(int(copied))
        try:
            os.execvp(command[0], command)  # noqa: S606 - no shell is what is wanted
        except OSError as error:
            os.write(2, f"cannot start {command[0]}: {error.strerror}\n".encode())
        os._exit(_NOT_STARTED)
    os.close(end)
    for copied in {given, taken} - {"-"}:
        os.close(int(copied))
    waiting = select.poll()
    waiting.register(0, 0)
    waiting.register(ended, 0)
    waiting.poll()
    try:
        os.kill(program, signal.SIGKILL)  # without effect where it has ended and was not waited for
        os.killpg(program, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # it ended before it had a group, or nothing but itself is left of the group
    return os.waitstatus_to_exitcode(os.waitpid(program, 0)[1])


if __name__ == "__main__":
    result = run(sys.argv[1], sys.argv[2], sys.argv[3:])
    if result < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the program has left one, if any
        if -result != signal.SIGKILL:
            signal.signal(-result, signal.SIG_DFL)
        os.kill(os.getpid(), -result)
    sys.exit(result)
