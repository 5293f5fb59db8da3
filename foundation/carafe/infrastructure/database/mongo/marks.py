"""Marks of documents: whether an attribute has one of the values that an index demands.

A partial index of Amazon DocumentDB can demand one value of an attribute, and no choice of several
(decision 0028). So each commit notes in the document whether the choice is met, under a name that
says which one it is, such as `_marks.status_is_booked_or_confirmed`.
"""

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from carafe.domain.model import AggregateRoot, Index
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.database.forms import schema_of
from carafe.infrastructure.database.stored import stored_name

MARKS = "_marks"


class Choice(Struct, frozen=True):
    """Values of which an attribute must have one.

    Attributes:
        field: the attribute.
        values: in their stored form.
    """

    field: str
    values: tuple[str | int | bool, ...]

    @property
    def mark(self) -> str:
        """The place of its mark in a document."""
        words = f"{self.field}_is_{'_or_'.join(map(str, self.values))}"
        name = re.sub(r"\W", "_", words)
        return f"{MARKS}.{name}"

    def is_met(self, state: Document) -> bool:
        """Return whether the state of an aggregate meets it."""
        value: Any = state
        for name in self.field.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value in self.values


def choices_in(index: Index) -> Iterator[Choice]:
    """Yield the conditions of an index that leave a choice."""
    for name, values in index.only_where:
        if isinstance(values, tuple):
            yield Choice(stored_name(name), values)


def choices_of(aggregate: type[AggregateRoot]) -> tuple[Choice, ...]:
    """Return the conditions that leave a choice, of all indexes of an aggregate."""
    declared = (each for index in schema_of(aggregate).indexes for each in choices_in(index))
    return tuple(dict.fromkeys(declared))


def unmarked(choice: Choice) -> Document:
    """Return the query for documents that meet a choice, and have no mark of it."""
    return {choice.field: {"$in": list(choice.values)}, choice.mark: {"$exists": False}}


def wrongly_marked(choice: Choice) -> Document:
    """Return the query for documents that have a mark of a choice, and do not meet it."""
    return {choice.field: {"$nin": list(choice.values)}, choice.mark: {"$exists": True}}


def with_marks(document: Document, state: Document, choices: tuple[Choice, ...]) -> Document:
    """Return a new document with its marks.

    Args:
        document: to be inserted.
        state: of its aggregate in the present form.
        choices: of the aggregate.
    """
    marks = {each.mark.removeprefix(f"{MARKS}."): True for each in choices if each.is_met(state)}
    return document | {MARKS: marks} if marks else document


def add_marks(update: Document, state: Document, choices: tuple[Choice, ...]) -> None:
    """Let an update of a document set and remove its marks.

    Args:
        update: of the document, with `$set`.
        state: of its aggregate in the present form; empty if it is deleted.
        choices: of the aggregate.
    """
    for each in choices:
        if each.is_met(state):
            update["$set"][each.mark] = True
        else:
            update.setdefault("$unset", {})[each.mark] = ""
