"""Validators and indexes as declared, held against the live database.

A plan is a list of changes, in the order in which they are applied; an empty plan means that
nothing differs. No change touches the state in a document. What newer code has made of a collection
is only undone when that is allowed (decision 0037).
"""

import difflib
import functools
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from pymongo import IndexModel
from pymongo.collection import Collection
from pymongo.database import Database

from carafe.domain.model import AggregateRoot, collection_of
from carafe.infrastructure.database.codec import Document

from .faults import store_faults
from .indexes import indexes_of
from .marks import Choice, choices_of, unmarked, wrongly_marked
from .validator import validator_of
from .validator_age import is_newer

# The options of an index by which it differs from another.
_OPTIONS = ("unique", "partialFilterExpression", "expireAfterSeconds")


class Change(Struct, frozen=True):
    """One difference between what is declared and what is there.

    Attributes:
        collection: where.
        summary: what would be done, in a few words.
        drops: an index would go, or what newer code needs; done only when that is allowed.
        detail: lines that show the difference, perhaps none.
        apply: does it.
    """

    collection: str
    summary: str
    drops: bool
    detail: tuple[str, ...]
    apply: Callable[[], object]

    def __str__(self) -> str:
        return f"{self.collection}: {self.summary}"


class _FirstIndex(Struct, frozen=True):
    """Creates an index of a collection that is not there yet."""

    collection: Collection[Document]
    model: IndexModel

    def __call__(self) -> None:
        self.collection.create_indexes([self.model])


def plan(database: Database[Document], aggregate: type[AggregateRoot]) -> list[Change]:
    """Return what has to change for an aggregate's collection to be as declared.

    Raises:
        StoreUnavailable: the database did not answer in time.
    """
    name = collection_of(aggregate)
    with store_faults():
        validator = _validator_change(database, name, validator_of(aggregate))
        marks = list(_mark_changes(database[name], choices_of(aggregate)))
        indexes = list(_index_changes(database[name], indexes_of(aggregate)))
    if any(each.drops for each in validator):
        indexes = [replace(each, drops=True) for each in indexes]
    return [*validator, *marks, *indexes]


def apply(changes: list[Change], *, allow_drop: bool = False) -> list[Change]:
    """Apply a plan, and return the changes that were left because they drop something.

    Raises:
        StoreUnavailable: the database did not answer in time.
    """
    allowed = [change for change in changes if allow_drop or not change.drops]
    with store_faults():
        for step in _steps(allowed):
            step()
    return [] if allow_drop else [change for change in changes if change.drops]


def _steps(changes: Iterable[Change]) -> Iterator[Callable[[], object]]:
    """Yield what applies the changes: a new collection gets all its indexes by one command.

    One that has documents does not: the database may need minutes for each index.
    """
    for _, group in itertools.groupby(changes, lambda each: each.collection):
        steps = [each.apply for each in group]
        first = [each for each in steps if isinstance(each, _FirstIndex)]
        yield from (each for each in steps if not isinstance(each, _FirstIndex))
        if first:
            yield functools.partial(
                first[0].collection.create_indexes, [each.model for each in first]
            )


def _validator_change(
    database: Database[Document], name: str, declared: dict[str, Any]
) -> list[Change]:
    live = next(iter(database.list_collections(filter={"name": name})), None)
    rules: dict[str, Any] = {
        "validator": declared,
        "validationLevel": "strict",
        "validationAction": "error",
    }
    if live is None:
        create = functools.partial(database.create_collection, name, **rules)
        return [
            Change(
                name,
                "create the collection, with its validator",
                drops=False,
                detail=(),
                apply=create,
            )
        ]
    options = live.get("options", {})
    present = {key: options.get(key) for key in rules}
    if present == rules:
        return []
    detail = _difference(present["validator"], declared)
    change = functools.partial(database.command, "collMod", name, **rules)
    is_undone = is_newer(present["validator"] or {}, declared)
    summary = "undo the validator of newer code" if is_undone else "change the validator"
    return [Change(name, summary, drops=is_undone, detail=detail, apply=change)]


def _mark_changes(
    collection: Collection[Document], choices: tuple[Choice, ...]
) -> Iterator[Change]:
    """Yield marks that documents lack: those of code that did not have the index yet."""
    for each in choices:
        for query, update, verb in (
            (unmarked(each), {"$set": {each.mark: True}}, "add"),
            (wrongly_marked(each), {"$unset": {each.mark: ""}}, "remove"),
        ):
            if collection.find_one(query, {"_id": 1}) is not None:
                change = functools.partial(collection.update_many, query, update)
                summary = f"{verb} {each.mark} in documents, as an index needs it"
                yield Change(collection.name, summary, drops=False, detail=(), apply=change)


def _index_changes(
    collection: Collection[Document], declared: list[IndexModel]
) -> Iterator[Change]:
    present = {each["name"]: each for each in collection.list_indexes()}
    is_new = not present
    present.pop("_id_", None)
    for model in declared:
        document = dict(model.document)
        name = document["name"]
        live = present.pop(name, None)
        creation = _FirstIndex(collection, model)
        create = creation if is_new else functools.partial(collection.create_indexes, [model])
        if live is None:
            yield Change(
                collection.name, f"create the index {name}", drops=False, detail=(), apply=create
            )
        elif _described(live) != _described(document):
            detail = _difference(_described(live), _described(document))
            replacement = functools.partial(_replace, collection, name, model)
            yield Change(
                collection.name,
                f"replace the index {name}",
                drops=True,
                detail=detail,
                apply=replacement,
            )
    for name in present:
        drop = functools.partial(collection.drop_index, name)
        summary = f"drop the index {name}, which is not declared"
        yield Change(collection.name, summary, drops=True, detail=(), apply=drop)


def _replace(collection: Collection[Document], name: str, model: IndexModel) -> None:
    collection.drop_index(name)
    collection.create_indexes([model])


def _described(index: Mapping[str, Any]) -> Document:
    options = {name: index[name] for name in _OPTIONS if name in index}
    return {"key": [list(each) for each in index["key"].items()], **options}


def _difference(present: object, declared: object) -> tuple[str, ...]:
    def lines(value: object) -> list[str]:
        return json.dumps(value, indent=1, sort_keys=True, default=str).splitlines()

    difference = difflib.unified_diff(
        lines(present), lines(declared), "live", "declared", lineterm="", n=2
    )
    return tuple(difference)
