"""Options with which a command filters what it is about."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

Command = Callable[..., Any]
Option = Callable[[Command], Command]


def with_options(options: Sequence[Option], command: Command) -> Command:
    """Add options to a command; its help shows them in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def with_filter(
    options: Sequence[Option], make_filter: Callable[..., object]
) -> Callable[[Command], Command]:
    """Return a decorator with the options of a filter; the command gets it as `condition`.

    Args:
        options: those whose parameters are called `of_…` make the filter; others go on as they are.
        make_filter: makes it, by the rest of these names.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def filtering(**given: Any) -> None:  # noqa: ANN401 - click's
            names = [each for each in given if each.startswith("of_")]
            condition = {each.removeprefix("of_"): given.pop(each) for each in names}
            command(condition=make_filter(**condition), **given)

        return with_options(options, filtering)

    return decorate
