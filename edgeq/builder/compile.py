"""Running the compiler: many files at once, each with a time-out, all output kept in one log."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from edgeq.base.errors import BuildError
from edgeq.base.progress import Progress

_TIMEOUT = 120.0
_ATTENTION = 0.2
_ERROR = re.compile(
    r"(?:fatal )?error: |ld\.lld: error|undefined (?:symbol|reference)|error adding symbols|will not fit|"
    r"overflowed"
)


@dataclass(frozen=True)
class Job:
    """One run of the compiler: its arguments, and what messages call it."""

    title: str
    arguments: tuple[str, ...]


@dataclass
class Compiler:
    """Runs jobs in one working folder with one environment, and keeps the log.

    Processes that still run when something goes wrong, Ctrl-C included, are killed.
    """

    cwd: Path
    environment: Mapping[str, str]
    log: list[str] = field(default_factory=list)
    warnings: int = 0
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: bool = False

    def run_all(self, jobs: Iterable[Job], progress: Progress) -> frozenset[Job]:
        """Run independent jobs, as many at once as there are processors.

        Returns:
            Those to which the compiler had nothing to say.

        Raises:
            BuildError: one failed or took too long; the message has its first error line.
        """
        jobs = list(jobs)
        outputs: dict[str, str] = {}
        pool = ThreadPoolExecutor(max_workers=_processors())
        try:
            futures = {pool.submit(self._run, job): job for job in jobs}
            pending = set(futures)
            while pending:
                progress.advance(len(jobs) - len(pending), len(jobs))
                # with a time-out: Ctrl-C just before a wait without one would not wake it
                finished, pending = wait(pending, _ATTENTION, FIRST_COMPLETED)
                for future in finished:
                    outputs[futures[future].title] = future.result()
            progress.advance(len(jobs), len(jobs))
        except BaseException:
            self._stop()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            for job in jobs:  # in the order of the project, whatever the order of finishing
                if outputs.get(job.title):
                    self.log.append(outputs[job.title])
                    self.warnings += outputs[job.title].count("warning: ")
        return frozenset(job for job in jobs if outputs[job.title] == _told(job))

    def _run(self, job: Job) -> str:
        with self._lock:
            if self._stopped:
                return ""
            try:
                process = subprocess.Popen(
                    job.arguments,
                    cwd=self.cwd,
                    env=dict(self.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise BuildError(
                    f"cannot start {job.arguments[0]}: {error.strerror}", "reinstall it"
                ) from error
            self._running.add(process)
        try:
            raw, _ = process.communicate(timeout=_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            raise BuildError(f"{job.title}: the compiler took longer than {_TIMEOUT:.0f} s") from error
        finally:
            _kill(process)
            with self._lock:
                self._running.discard(process)
        output = _told(job) + raw.decode("utf-8", "replace")
        if process.returncode != 0:
            with self._lock:
                if not self._stopped:
                    self.log.append(output)
            raise BuildError(f"{job.title}: {_first_error(output, process.returncode)}")
        return output

    def _stop(self) -> None:
        with self._lock:
            self._stopped = True
            for process in self._running:
                _kill(process)


def _told(job: Job) -> str:
    return f"$ {' '.join(job.arguments)}\n"


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _first_error(output: str, code: int) -> str:
    lines = output.splitlines()[1:]
    for line in lines:
        if _ERROR.search(line):
            return line.strip()
    shown = next((line.strip() for line in lines if line.strip()), "")
    return shown or f"the compiler ended with code {code}"


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
