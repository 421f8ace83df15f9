"""``python -m edgeq`` is the command ``edgeq``."""

import sys

from edgeq.cli import main

sys.exit(main())
