"""Rows in plain columns."""

from collections.abc import Sequence

import click


def print_rows(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of the same length: plain columns can be piped, and a whole id can be copied."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
