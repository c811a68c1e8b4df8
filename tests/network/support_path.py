"""Makes the modules of tests/integration importable: what starts daemons and brokers is theirs."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))
