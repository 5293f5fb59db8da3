"""Entry of the command `carafe`, and of `python -m carafe`."""

import sys

from . import INTERRUPTED

# Set by a shell that completes the word.
COMPLETING = "_CARAFE_COMPLETE"


def run() -> None:
    """Run the command line to its end."""
    try:  # the imports take long enough to be interrupted
        from .cli import main  # noqa: PLC0415 - the same

        main(prog_name="carafe", complete_var=COMPLETING)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    run()
