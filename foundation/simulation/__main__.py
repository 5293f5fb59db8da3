"""`make simulate`: `python -m simulation`."""

import gc
import logging
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import click

from .plants import PLANTS, plant

if TYPE_CHECKING:
    from .run import Run

CHUNK = 100
PROGRESS_SECONDS = 10.0

MOST_OF_A_PLANT = 20_000
"""Seeds after which a bug counts as not found."""


@click.command()
@click.option("--seeds", default=10_000, show_default=True, help="So many, from 0.")
@click.option("--seed", type=int, help="This one alone, with its story.")
@click.option("--plant", "bug", help="With this bug in the code; `list` names all.")
@click.option("--processes", default=os.cpu_count() or 1, show_default=True)
def main(*, seeds: int, seed: int | None, bug: str | None, processes: int) -> None:
    """Play runs until one breaks a promise; exit code 1 if one does."""
    logging.disable(logging.CRITICAL)
    if bug == "list":
        click.echo("\n".join(f"{each.name:<20} {each.file}" for each in PLANTS))
        return
    if bug is not None:
        _plant(bug)
        seeds, processes = MOST_OF_A_PLANT, 1
    if seed is not None:
        _tell_one(seed)
    failed = _played_until_broken(seeds, processes)
    if failed is not None:
        click.echo(f"seed {failed} breaks a promise, after {failed + 1} seeds; it is made small")
        _tell_shrunk(failed)
        raise SystemExit(1)
    if bug is not None:
        click.echo(f"{bug} was not found")


def _plant(name: str) -> None:
    found = [each for each in PLANTS if each.name == name]
    if not found:
        raise click.ClickException(f"there is no plant {name}: PLANT=list names them")
    plant(found[0])


def _tell_one(seed: int) -> None:
    from .run import played  # noqa: PLC0415 - after the bug is planted

    run = played(seed, is_told=True)
    _show(run)
    raise SystemExit(1 if run.broken else 0)


def _tell_shrunk(seed: int) -> None:
    from .run import played  # noqa: PLC0415 - after the bug is planted
    from .shrinking import shrunk  # noqa: PLC0415 - the same

    run = played(seed)
    small = shrunk(run)
    click.echo(f"{len(run.wishes)} commands and {len(run.faults)} faults: now {len(small.wishes)}")
    _show(small)


def _show(run: "Run") -> None:
    click.echo(f"\nseed {run.seed}: {len(run.wishes)} commands, {len(run.faults)} faults\n")
    for number, each in enumerate(run.story, start=1):
        click.echo(f"{number:4}. {each}")
    for sentence in run.broken or ["all promises were kept"]:
        click.echo(f"\n{sentence}")


def _played_until_broken(seeds: int, processes: int) -> int | None:
    """Play runs, show their figures, and return the first seed that breaks a promise."""
    figures: Counter[str] = Counter()
    began, shown = time.monotonic(), time.monotonic()
    for chunk, failed in _chunks(seeds, processes):
        figures += chunk
        is_last = failed is not None or figures["seeds"] >= seeds
        if is_last or time.monotonic() - shown > PROGRESS_SECONDS:
            shown = time.monotonic()
            rate = figures["seeds"] / (shown - began)
            told = ", ".join(f"{count:,} {name}" for name, count in figures.items())
            click.echo(f"{told}; {rate:,.0f} seeds a second")
        if failed is not None:
            return failed
    return None


def _chunks(seeds: int, processes: int) -> Iterator[tuple["Counter[str]", int | None]]:
    chunks = [range(each, min(each + CHUNK, seeds)) for each in range(0, seeds, CHUNK)]
    if processes == 1:
        yield from map(played_chunk, chunks)
        return
    with ProcessPoolExecutor(processes) as pool:
        try:
            yield from pool.map(played_chunk, chunks)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def played_chunk(seeds: Iterable[int]) -> tuple["Counter[str]", int | None]:
    """Play some runs; return their figures, and the first seed that breaks a promise."""
    from .run import played  # noqa: PLC0415 - after the bug is planted

    logging.disable(logging.CRITICAL)
    figures: Counter[str] = Counter()
    gc.disable()  # a run leaves cycles, and is over soon
    try:
        for seed in seeds:
            run = played(seed)
            figures += Counter(
                {
                    "seeds": 1,
                    "commands": len(run.wishes),
                    "calls": run.calls,
                    "faults": len(run.faults),
                    "kills": run.kills,
                    "messages": run.events,
                }
            )
            if run.broken:
                return figures, seed
    finally:
        gc.enable()
        gc.collect()
    return figures, None


if __name__ == "__main__":
    main()
