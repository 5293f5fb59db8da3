"""The entry point of the command `carafe`, and of `python -m carafe`."""

import sys

from . import INTERRUPTED

# The variable that a shell sets to complete a word.
COMPLETING = "_CARAFE_COMPLETE"


def run() -> None:
    """Run the command line."""
    try:  # Ctrl-C may come during the imports
        from .cli import main  # noqa: PLC0415 - inside the try

        main(prog_name="carafe", complete_var=COMPLETING)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    run()
