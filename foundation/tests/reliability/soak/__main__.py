"""`make soak`: `python -m tests.reliability.soak --kills 50 --seed 7`."""

import tempfile
from pathlib import Path

import click
from rich.console import Console

from .run import soak


@click.command()
@click.option("--kills", default=50, show_default=True, help="Of broker and database, each.")
@click.option("--seed", default=1, show_default=True, help="The same one repeats the same faults.")
@click.option("--customers", default=4, show_default=True, help="At once.")
def main(kills: int, seed: int, customers: int) -> None:
    """Load a real service, kill its parts, and reconcile; exit code 1 if anything is wrong."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="carafe-soak-") as folder:
        report = soak(Path(folder), kills=kills, seed=seed, customers=customers, tell=console.print)
    console.print(report.text())
    raise SystemExit(0 if report.is_clean else 1)


if __name__ == "__main__":
    main()
