"""16 boards, 200 jobs of 16 clients; boards, the exporter and clients are killed in between."""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from waiting import GUARD

from .rig import PYTHON, Rig, free_port, listening

BOARDS = 16
CUPBOARDS = 4
JOBS = int(os.environ.get("EDGEQ_FARM_JOBS", "200"))
HERE = Path(__file__).parent
ATTEMPTS = 5


class Clients:
    """Each thread keeps one client busy: a job of a client that was killed, or an error, is queued again."""

    def __init__(self, project: Path, folder: Path, rig: Rig) -> None:
        self._project, self._folder, self._rig = project, folder, rig
        self.jobs: queue.Queue[int] = queue.Queue()
        for job in range(JOBS):
            self.jobs.put(job)
        self.right: list[int] = []
        self.wrong: list[int] = []
        self.errors: list[str] = []
        self.killed = 0
        self._attempts: Counter[int] = Counter()
        self.running: dict[int, subprocess.Popen[str]] = {}
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(BOARDS)]
        for one in self._threads:
            one.start()

    @property
    def done(self) -> int:
        return len(self.right) + len(self.wrong)

    def _start(self, number: int) -> subprocess.Popen[str]:
        project = self._folder / f"client{number}"
        if not project.exists():
            shutil.copytree(self._project, project)
        with (self._folder / "clients.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, HERE / "jobs.py", project, self._rig.coordinator, PYTHON],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1,
                env=self._rig.environ,
            )  # fmt: skip

    def _work(self, number: int) -> None:
        client = self.running[number] = self._start(number)
        while self.done < JOBS:
            try:
                job = self.jobs.get(timeout=0.2)
            except queue.Empty:
                continue
            self._attempts[job] += 1
            if self._attempts[job] > ATTEMPTS:
                self.wrong.append(job)
                continue
            assert client.stdin is not None and client.stdout is not None
            try:
                client.stdin.write(f"{job}\n")
                line = client.stdout.readline()
            except BrokenPipeError:
                line = ""
            told = json.loads(line) if line.endswith("\n") else {}
            if told.get("right"):
                self.right.append(told["job"])
            elif "right" in told:
                self.wrong.append(told["job"])
            else:
                self.jobs.put(job)
                if "error" in told:
                    self.errors.append(told["error"])
                    time.sleep(1.0)
                else:
                    self.killed += 1
                    client.wait(GUARD)
                    client = self.running[number] = self._start(number)
        client.communicate()

    def join(self) -> None:
        for one in self._threads:
            one.join(5 * GUARD)
        assert not any(one.is_alive() for one in self._threads), (self.done, self.errors[-5:])


def cupboard(project: Path, ports: list[int]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, HERE / "boards.py", project, *map(str, ports)])
    for port in ports:
        listening(port)
    return process


@pytest.mark.slow
@pytest.mark.xdist_group("labgrid")
def test_no_job_is_lost_and_none_is_done_twice(project: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    ports = [free_port() for _ in range(BOARDS)]
    parts = [ports[n::CUPBOARDS] for n in range(CUPBOARDS)]
    cupboards = [cupboard(project, part) for part in parts]
    try:
        with Rig(tmp_path, ports) as rig:
            clients = Clients(project, tmp_path, rig)
            faults = 0
            while clients.done < JOBS and time.monotonic() - began < 5 * GUARD:
                time.sleep(0.1)
                if clients.done < (faults + 1) * JOBS // 8 or faults == 7:
                    continue
                faults += 1
                if faults == 4:
                    rig.kill_exporter()
                    time.sleep(1.0)
                    rig.start_exporter()
                elif faults % 2:
                    clients.running[faults].kill()
                else:
                    which = faults % CUPBOARDS
                    cupboards[which].kill()
                    cupboards[which].wait()
                    time.sleep(0.5)
                    cupboards[which] = cupboard(project, parts[which])
            clients.join()
            assert sorted(clients.right) == list(range(JOBS)), (clients.wrong, clients.errors)
            assert faults == 7 and 1 <= clients.killed <= 4
            assert rig.has_exported()
            told = f"{JOBS} jobs in {time.monotonic() - began:.0f} s, errors: {clients.errors}"
            (tmp_path / "told").write_text(told + "\n")
            assert not rig.client("places", "--acquired").strip()
    finally:
        for one in cupboards:
            one.kill()
            one.wait()
    # The coordinator's own log: a place is never given to two.
    has: Counter[str] = Counter()
    for name, what in re.findall(
        r"^(p\d+): place (acquired|released)", (tmp_path / "coordinator.log").read_text(), re.MULTILINE
    ):
        has[name] += 1 if what == "acquired" else -1
        assert has[name] in (0, 1), name
    assert len(has) > BOARDS // 2  # a place is often free again before the last one is asked for
