"""kill -9 at random moments of `edgeq deploy` and of a farm's runs: the next needs no flag, finds no trace.

Each round starts a run, kills it at a moment of chance, and then lets one end. That one has to succeed;
nothing of the killed one may run on, and every file in the folder has to be whole. The processes are forked
from one that has imported edgeq, since importing takes longer than deploying. Linux alone, for /proc.

The farm's runs are on a real labgrid on loopback, with a simulated board; EDGEQ_LABGRID_PYTHON names the
Python that has labgrid.

Run: python benchmarks/kills.py [--rounds N] [--farm N] [--seed N]
"""

from __future__ import annotations

import argparse
import functools
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "common"))

from edgeq.base.ownership import survey
from edgeq.cli import main as edgeq
from tests.farm.rig import PYTHON, Rig, free_port, model, serving

IMPORTED = ("verbs.deploy", "verbs.run", "verbs.evidence", "judge.firmware", "judge.page", "judge.junit")
"""What a run imports, and what that does: once for all."""

MARK = "EDGEQ_KILLED_RUN"
PATIENCE = 300.0


class Failed(Exception):
    """A round that did not end as it should."""


def fork(words: list[str], environ: Mapping[str, str], log: Path) -> int:
    """A process that does what `edgeq WORDS` does."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.environ.update(environ)
        said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.argv = ["edgeq", *words]
        code = edgeq() or 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        os._exit(code)


def end_of(child: int, seconds: float) -> int | None:
    """Its exit code, or the negated signal; None while it runs."""
    limit = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= limit:
            return None
        time.sleep(0.01)


def whole_run(words: list[str], environ: Mapping[str, str], log: Path) -> float:
    """Seconds that it took. Raises Failed."""
    began = time.monotonic()
    child = fork(words, environ, log)
    code = end_of(child, PATIENCE)
    if code != 0:
        if code is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        raise Failed(f"the next run ended with {code}: {log.read_text(errors='replace')}")
    return time.monotonic() - began


def marked(mark: str) -> list[str]:
    """What runs on and was started by a run with that mark."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"{MARK}={mark}\0".encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return [command for command in found if command]


def look_for_orphans(mark: str) -> None:
    """Raises Failed when something runs on for 10 s."""
    limit = time.monotonic() + 10
    while left := marked(mark):
        if time.monotonic() > limit:
            raise Failed(f"runs on: {left}")
        time.sleep(0.05)


def look_at_files(folder: Path) -> None:
    """Raises Failed when something is no edgeq's, was left behind, or is not whole."""
    for entry in survey(folder):
        name = entry.path.rpartition("/")[2]
        if entry.kind != "ours" or name.startswith((".out", ".build")):
            raise Failed(f"left in {folder}: {entry}")
    for path in folder.rglob("*.json"):
        json.loads(path.read_bytes())


def rounds(
    words: list[str],
    environ: Mapping[str, str],
    log: Path,
    shares: Sequence[float],
    look: Callable[[], None],
) -> str:
    """Kills a run after each of these shares of its time, and looks at what came of it. Raises Failed."""
    longest = max(whole_run(words, environ, log) for _ in range(2))
    killed = 0
    for number, share in enumerate(shares):
        mark = f"{os.getpid()}-{words[1]}-{number}"
        child = fork(words, {**environ, MARK: mark}, log)
        code = end_of(child, share * longest)
        if code is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            killed += 1
        longest = 0.8 * longest + 0.2 * whole_run(words, {**environ, MARK: mark}, log)
        look_for_orphans(mark)
        look()
        print(f"\r{number + 1} of {len(shares)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return f"{len(shares)} rounds, {killed} killed before they had ended; each next run was good"


def moments(count: int, chance: random.Random) -> list[float]:
    """When to kill, as shares of a run's time."""
    return [chance.uniform(0.0, 1.0) for _ in range(count)]


def deploys(count: int, chance: random.Random, folder: Path) -> str:
    """Of `edgeq deploy`."""
    os.chdir(folder)
    words = ["-q", *f"deploy {folder}/m.tflite -b host --samples 3 --out {folder}/out".split()]

    def look() -> None:
        look_at_files(folder / "out")
        if (names := {path.name for path in folder.iterdir()}) != {"m.tflite", "out", "said.log"}:
            raise Failed(f"left beside the folder: {names}")

    return rounds(words, {}, folder / "said.log", moments(count, chance), look)


def farm(count: int, chance: random.Random, folder: Path) -> str:
    """Of `edgeq run` on a place of labgrid."""
    os.chdir(folder)
    project = folder / "out" / "project"
    made = ["-q", *f"deploy {folder}/m.tflite -b sim-m4 --samples 3 --out {folder}/out".split()]
    whole_run(made, {}, folder / "said.log")
    port = free_port()
    (folder / "rig").mkdir()
    with serving(project, port, folder / "board.log"), Rig(folder / "rig", [port]) as rig:
        words = ["-q", "run", str(project), "--place", "name=p0", "--samples", "3"]
        look = functools.partial(look_at_files, folder / "out")
        told = rounds(words, rig.environ, folder / "said.log", moments(count, chance), look)
        if owner := rig.owner("p0"):
            raise Failed(f"p0 is still acquired by {owner}")
    return told


def main() -> None:
    """Prints what came of them; ends with 1 when a round was not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="of deploy")
    parser.add_argument("--farm", type=int, default=200, help="of runs on a farm; 0 needs no labgrid")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if asked.farm and not PYTHON:
        parser.error("no labgrid: set EDGEQ_LABGRID_PYTHON, or --farm 0")
    for name in IMPORTED:
        importlib.import_module(f"edgeq.{name}")
    chance = random.Random(asked.seed)  # noqa: S311 - the same moments each time
    for name, count, kill in (("deploy", asked.rounds, deploys), ("farm", asked.farm, farm)):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place).resolve()
            (folder / "m.tflite").write_bytes(model())
            try:
                print(f"{name}: {kill(count, chance, folder) if count else 'not asked for'}", flush=True)
            except Failed as error:
                sys.exit(f"{name}: {error}")
            finally:
                os.chdir("/")


if __name__ == "__main__":
    main()
