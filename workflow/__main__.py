"""Entry of `python -m workflow`."""

import sys

from . import INTERRUPTED

try:  # the imports take long enough to be interrupted
    from .cli import main

    main(prog_name="python -m workflow")
except KeyboardInterrupt:
    sys.exit(INTERRUPTED)
