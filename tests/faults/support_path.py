"""Makes the modules of tests/integration and tests/network importable: daemons, brokers and numbered frames are theirs."""

import sys
from pathlib import Path

for folder in ("network", "integration"):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / folder))
