"""`make test-clusters`: `python -m tests.clusters --times 10 --seed 7`."""

import tempfile
from pathlib import Path

import click
from rich.console import Console

from .hosts import HostsUnavailable
from .run import clusters


@click.command()
@click.option("--times", default=10, show_default=True, help="Of each fault.")
@click.option("--seed", default=1, show_default=True, help="The same one repeats the same faults.")
@click.option("--customers", default=4, show_default=True, help="At once.")
def main(times: int, seed: int, customers: int) -> None:
    """Load a service on clusters, have nodes fail, and reconcile; exit code 1 if it is wrong."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="carafe-clusters-") as folder:
        try:
            report = clusters(
                Path(folder), times=times, seed=seed, customers=customers, tell=console.print
            )
        except HostsUnavailable as error:
            raise click.ClickException(str(error)) from error
    console.print(report.text())
    raise SystemExit(0 if report.is_clean else 1)


if __name__ == "__main__":
    main()
