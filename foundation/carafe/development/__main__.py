"""The entry point of the command `carafe`, and of `python -m carafe`."""

import os
import sys

from . import INTERRUPTED
from .servers.child import PARENT

# The variable that a shell sets to complete a word.
COMPLETING = "_CARAFE_COMPLETE"


def run() -> None:
    """Run the command line."""
    is_run_by_make = bool(os.environ.get(PARENT))
    try:  # Ctrl-C may come during the imports
        from .cli import main  # noqa: PLC0415 - inside the try

        main(prog_name="carafe", complete_var=COMPLETING)
    except (KeyboardInterrupt, SystemExit) as end:
        code = INTERRUPTED if isinstance(end, KeyboardInterrupt) else end.code
        # Ctrl-C ends make, too; told of it by an exit code, make would call it an error.
        sys.exit(0 if is_run_by_make and code == INTERRUPTED else code)


if __name__ == "__main__":
    run()
