"""Prompts on the command line, repeated until the answer is right."""

import functools
import json
from collections.abc import Callable, Collection
from typing import Any

import click
from jsonschema import Draft202012Validator

from .names import sentence
from .source import SCHEMA

Check = Callable[[str], str]
"""Returns what is wrong with an answer; an empty text if it is right."""

ListCheck = Callable[[list[str]], str]
"""The same for an answer of several words."""


def accept(_: str) -> str:
    """Accept every answer."""
    return ""


def prompt(
    question: str,
    form: str,
    check: Check = accept,
    *,
    default: str = "",
    required: bool = False,
) -> str:
    """Prompt for one word or sentence, and return it; empty if there is none.

    Args:
        question: without a colon.
        form: of the answer, by its name in the schema.
        check: of the answer, beyond its form.
        default: what an empty answer stands for.
        required: an answer is needed. Otherwise an empty one means none; with a default, `-` does.
    """
    none = "-" if default else ""
    while True:
        answer = str(click.prompt(question, default, show_default=bool(default))).strip()
        if not required and answer == none:
            return ""
        fault = form_fault(answer, form) or check(answer)
        if not fault:
            return answer
        click.echo(fault)


def prompt_list(question: str, check: ListCheck, *, default: Collection[str] = ()) -> list[str]:
    """Prompt for several words on one line, separated by spaces or commas.

    With a default, which an empty answer stands for, `-` means none.
    """
    suggestion = " ".join(default)
    while True:
        answer = str(click.prompt(question, suggestion, show_default=bool(suggestion)))
        values = list(dict.fromkeys(answer.replace(",", " ").split()))
        values = [] if values == ["-"] else values
        fault = check(values)
        if not fault:
            return values
        click.echo(fault)


def prompt_description(question: str) -> str:
    """Prompt for a sentence."""
    return sentence(prompt(question, "description", _length_fault, required=True))


def form_fault(answer: str, form: str) -> str:
    """Return which form an answer should have; empty if it has it."""
    schema = _forms()[form]
    if Draft202012Validator(schema).is_valid(answer):
        return ""
    subject = repr(answer) if answer else "An empty answer"
    return f"{subject} does not fit; needed: {schema['x-hint']}."


def only(options: Collection[str], *, sign: str = "") -> ListCheck:
    """Return a check that accepts some words only, with or without a sign before them."""

    def check(values: list[str]) -> str:
        unknown = [each for each in values if each.removeprefix(sign) not in options]
        return unknown_message(", ".join(unknown), options) if unknown else ""

    return check


def only_one(options: Collection[str]) -> Check:
    """Return a check that accepts one of some words."""
    check = only(options)
    return lambda answer: check([answer])


def unknown_message(name: str, options: Collection[str]) -> str:
    """Return that a name does not exist, and which ones do."""
    return f"There is no {name}; there are {', '.join(options)}."


def _length_fault(answer: str) -> str:
    return form_fault(sentence(answer), "description")


@functools.cache
def _forms() -> dict[str, Any]:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    reaction = schema["$defs"]["subscription"]["properties"]["behavior"]
    return {**schema["$defs"], "reaction": reaction}
