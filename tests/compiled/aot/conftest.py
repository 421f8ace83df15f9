"""Makes the helpers beside the tests (native.py, nets.py) importable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
