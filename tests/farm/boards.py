"""A cupboard: the simulated boards of several ports in one process. ``boards.py PROJECT PORT …``"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from edgeq.builder import load_image
from edgeq.targets import serve

if __name__ == "__main__":
    image = load_image(Path(sys.argv[1]), "build")
    for port in sys.argv[2:]:
        threading.Thread(target=serve, args=(image, int(port)), kwargs={"ready": lambda _: None}).start()
