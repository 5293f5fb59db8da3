"""Entry of `python -m workflow`."""

from .cli import main

main(prog_name="python -m workflow")
