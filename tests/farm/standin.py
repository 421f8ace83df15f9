"""In the place of labgrid's Python: answers as ``worker.py`` does, for one place that is always there."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

ASKED = Path(os.environ["STANDIN_FOLDER"]) / "asked"


def note(word: str) -> None:
    with ASKED.open("a") as file:
        file.write(word + "\n")


for line in sys.stdin:
    do = json.loads(line)["do"]
    note(do)
    if os.environ.get("STANDIN_DIES") == do:
        sys.exit("the last words")
    answer: dict[str, object] = {}
    if do == "acquire":
        url = f"socket://127.0.0.1:{os.environ['STANDIN_PORT']}"
        held = bool(os.environ.get("STANDIN_HELD"))
        answer = {"name": "p0", "url": url, "held": held, "tags": {}, "resets": True, "loads": False}
    if "STANDIN_BUSY" in os.environ:
        answer = {"error": os.environ["STANDIN_BUSY"], "kind": "busy"}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
note("released")
