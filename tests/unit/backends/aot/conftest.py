"""Makes the simulator beside these tests importable, and the nets of the compiled ones."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path += [str(HERE), str(HERE.parents[2] / "compiled" / "aot")]
