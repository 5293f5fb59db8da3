"""`make model`: `python -m model_checking`."""

import threading
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from carafe.development.servers.errors import MissingPart

from .checks import Outcome, checks_of, outcomes_of
from .scopes import SHORT, WHOLE
from .spin import NotChecked, find_tools
from .stories import page_of, story_of

PAGE = Path(__file__).parents[1] / "docs/protocol-without-safeguards.md"


@click.command()
@click.option("--short", is_flag=True, help="A small model, in seconds.")
@click.option("--write", is_flag=True, help="Write the page with the runs that break promises.")
def main(*, short: bool, write: bool) -> None:
    """Visit all states of the model; exit code 1 if a promise is broken, or a safeguard idle."""
    console = Console(highlight=False)
    outcomes: list[Outcome] = []
    try:
        tools = find_tools(console.print, threading.Event())
        console.print(f"{'checked':<73}{'states':>11}{'time':>10}  result", soft_wrap=True)
        for each in outcomes_of(checks_of(tools, SHORT if short else WHOLE)):
            outcomes.append(each)
            console.print(_row(each), soft_wrap=True)
    except (MissingPart, NotChecked) as error:
        console.print(f"error: {error}")
        raise SystemExit(2) from error
    page = page_of_outcomes(outcomes)
    if write:
        PAGE.write_text(page, encoding="utf-8")
    is_current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page
    if not is_current:
        console.print(f"error: {PAGE.name} tells other runs: make model WRITE=1")
    raise SystemExit(0 if is_current and all(each.is_expected for each in outcomes) else 1)


def page_of_outcomes(outcomes: Sequence[Outcome]) -> str:
    """Return the page with the runs that break promises without each safeguard."""
    return page_of(
        (each.check.safeguard, story_of(each.visit.story))
        for each in outcomes
        if each.check.safeguard is not None
    )


def _row(outcome: Outcome) -> str:
    result = "a promise breaks" if outcome.visit.is_violated else "all promises hold"
    mark = "" if outcome.is_expected else "  NOT AS EXPECTED"
    name = outcome.check.name
    return f"{name:<73}{outcome.visit.states:>11,}{outcome.seconds:>8.1f} s  {result}{mark}"


if __name__ == "__main__":
    main()
