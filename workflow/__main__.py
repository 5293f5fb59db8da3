"""Entry of `python -m workflow`."""

import os
import sys

from . import INTERRUPTED

# Set by a shell that completes the word `workflow`, which .venv/bin has.
COMPLETING = "_WORKFLOW_COMPLETE"

try:  # the imports take long enough to be interrupted
    from .cli import main

    main(
        prog_name="workflow" if COMPLETING in os.environ else "python -m workflow",
        complete_var=COMPLETING,
    )
except KeyboardInterrupt:
    sys.exit(INTERRUPTED)
