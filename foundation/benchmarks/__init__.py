"""The foundation, measured; what it is measured with is the reference service beside it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
