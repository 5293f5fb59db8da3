"""The identity of a new service, from options, answers and defaults."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import click

from .identity import (
    DEFAULT_PORT,
    BadIdentity,
    Identity,
    context_from,
    name_from,
    require_context,
    require_name,
    require_port,
)

T = TypeVar("T")

Options = Mapping[str, str | None]
"""The values of options by name; None for an option that is not given."""


@dataclass(frozen=True)
class Question(Generic[T]):
    """A part of the identity that an option or an answer gives.

    Attributes:
        option: the name of the option.
        text: the text of the prompt.
        parse: returns the value of a text, or raises BadIdentity.
    """

    option: str
    text: str
    parse: Callable[[str], T]


NAME = Question("--name", "Name, for people", require_name)
CONTEXT = Question("--context", "Context, one word for machines", require_context)
PORT = Question("--port", "Port of the API", require_port)


def identity_from(target: Path, options: Options, *, may_ask: bool) -> Identity:
    """Return the identity of a service.

    Args:
        target: the folder of the service, whose name suggests the others.
        options: from the command line.
        may_ask: prompt for what no option gives; otherwise take the defaults.

    Raises:
        BadIdentity: one of them cannot be used.
    """
    # All options are checked before the first question: nobody answers in vain.
    questions: tuple[Question[str] | Question[int], ...] = (NAME, CONTEXT, PORT)
    for question in questions:
        if (value := options[question.option]) is not None:
            question.parse(value)
    name = _answer(NAME, name_from(target.name), options, may_ask=may_ask)
    context = _answer(CONTEXT, context_from(name), options, may_ask=may_ask)
    port = _answer(PORT, str(DEFAULT_PORT), options, may_ask=may_ask)
    return Identity(name, context, port)


def _answer(question: Question[T], default: str, options: Options, *, may_ask: bool) -> T:
    """Return the value of an option, an answer, or the default, which may be empty."""
    value = options[question.option]
    if value is not None:
        return question.parse(value)
    if not may_ask and not default:
        raise BadIdentity(f"{question.option} is needed: the folder's name suggests none")
    if not may_ask:
        return question.parse(default)
    if not sys.stdin.isatty():
        raise BadIdentity(f"there is no terminal to ask in: give {question.option}, or --yes")
    return _prompt(question, default)


def _prompt(question: Question[T], default: str) -> T:
    """Ask until an answer is valid, and return its value."""

    def parse(text: str) -> T:
        try:
            return question.parse(text.strip())
        except BadIdentity as error:
            raise click.UsageError(str(error)) from error

    # click would take an empty default for an answer.
    value: T = click.prompt(question.text, default=default or None, value_proc=parse)
    return value
