"""The command `cost`."""

import click
from rich.console import Console
from rich.table import Table

from .model import MILLION, SIZES, Assumptions, Line, bill
from .prices import PriceList, price_list


@click.command()
@click.option(
    "--commands",
    type=click.FloatRange(min=0),
    default=MILLION,
    show_default=True,
    help="Commands a month, such as 1e6; each makes an event.",
)
@click.option(
    "--size",
    type=click.Choice([*SIZES]),
    default="prod",
    show_default=True,
    help="How large the platform and the stage are.",
)
@click.option(
    "--round-trip-ms",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Milliseconds between two availability zones, there and back: waiting is billed.",
)
@click.option(
    "--architecture",
    type=click.Choice(["arm64", "x86_64"]),
    default="arm64",
    show_default=True,
    help="Of the functions' processors.",
)
@click.option(
    "--endpoints",
    is_flag=True,
    help="AWS's services are reached by endpoints; NAT leads to all else.",
)
def cost(
    commands: float, size: str, round_trip_ms: float, architecture: str, *, endpoints: bool
) -> None:
    """Calculate what a service costs a month, line by line.

    The price list and its month are in the package; what is printed is no offer. `carafe page cost`
    explains the model.

    \b
    Example:
        carafe cost --commands 1e6
        carafe cost --commands 0 --size dev
    """
    prices = price_list()
    assumptions = Assumptions(commands, SIZES[size], round_trip_ms, architecture, endpoints)
    lines = bill(assumptions, prices)
    console = Console(highlight=False)
    console.print(_table(lines, f"{commands:,.0f} commands a month, {size}"))
    for line in _remarks(prices):
        console.print(line)


def _table(lines: list[Line], title: str) -> Table:
    table = Table(title=title)
    table.add_column("what")
    table.add_column("how much")
    table.add_column("a month", justify="right")
    for is_fixed, words in ((False, "for the traffic"), (True, "without any traffic")):
        part = [each for each in lines if each.is_fixed is is_fixed]
        for each in part:
            table.add_row(each.what, each.how_much, f"{each.dollars:,.2f}")
        table.add_row(words, "", f"{sum(each.dollars for each in part):,.2f}", end_section=True)
    table.add_row("together", "", f"{sum(each.dollars for each in lines):,.2f}")
    return table


def _remarks(prices: PriceList) -> list[str]:
    return [
        f"Prices of {prices.as_of}, {prices.region}: {prices.currency}.",
        *(f"Estimated: {words}." for words in prices.estimated.values()),
    ]
