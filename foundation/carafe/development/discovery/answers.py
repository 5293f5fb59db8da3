"""Questions on the command line, asked again until the answer is right."""

import functools
import json
from collections.abc import Callable, Collection
from typing import Any

import click
from jsonschema import Draft202012Validator

from .names import sentence
from .source import SCHEMA

Check = Callable[[str], str]
"""Says what is wrong with an answer; nothing if it is right."""


def right(_: str) -> str:
    """Find nothing wrong."""
    return ""


def ask(
    question: str,
    form: str,
    check: Check = right,
    *,
    usual: str = "",
    needed: bool = False,
) -> str:
    """Ask for one thing; return nothing if the answer is none.

    Args:
        question: without a colon.
        form: of the answer, by its name in the schema.
        check: what else must be right.
        usual: what an empty answer stands for.
        needed: there has to be one. Otherwise an empty answer says that there is none, or `-`
            where an empty one stands for the usual.
    """
    while True:
        answer = str(click.prompt(question, usual, show_default=bool(usual))).strip()
        if not needed and answer == ("-" if usual else ""):
            return ""
        wrong = misfit(answer, form) or check(answer)
        if not wrong:
            return answer
        click.echo(wrong)


def several(
    question: str, check: Callable[[list[str]], str], *, usual: Collection[str] = ()
) -> list[str]:
    """Ask for several words in one line, with spaces or commas between them."""
    shown = " ".join(usual)
    while True:
        answer = str(click.prompt(question, shown, show_default=bool(shown)))
        given = list(dict.fromkeys(answer.replace(",", " ").split()))
        wrong = check(given)
        if not wrong:
            return given
        click.echo(wrong)


def described(question: str) -> str:
    """Ask for a sentence."""
    return sentence(ask(question, "description", _short_enough, needed=True))


def misfit(answer: str, form: str) -> str:
    """Say what form an answer should have; nothing if it has it."""
    wanted = _forms()[form]
    if Draft202012Validator(wanted).is_valid(answer):
        return ""
    return f"{repr(answer) if answer else 'Nothing'} does not fit; needed: {wanted['x-hint']}."


def none_but(known: Collection[str], *, sign: str = "") -> Callable[[list[str]], str]:
    """Return a check that words are known, whether or not the sign stands before them."""

    def check(given: list[str]) -> str:
        unknown = [each for each in given if each.removeprefix(sign) not in known]
        there = ", ".join(known)
        return f"There is no {', '.join(unknown)}; there are {there}." if unknown else ""

    return check


def _short_enough(answer: str) -> str:
    return misfit(sentence(answer), "description")


@functools.cache
def _forms() -> dict[str, Any]:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    wire_type = schema["properties"]["subscriptions"]["propertyNames"]
    following = schema["$defs"]["subscription"]["properties"]["behavior"]
    return {**schema["$defs"], "wireType": wire_type, "following": following}
