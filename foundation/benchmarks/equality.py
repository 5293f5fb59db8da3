"""Makes sure, before anything is measured, that all contenders store and read the same."""

import json
from collections.abc import Sequence
from typing import Any

from pymongo.database import Database

from . import orders
from .contender import LISTED, Contender

Document = dict[str, Any]

# New for each write, or taken from the clock.
_VARYING = {"id", "correlationid", "causationid", "at", "pending_since"}


class Unequal(Exception):
    """A contender does less than the others, so that a comparison would be meaningless."""


def require_equality(database: Database[Document], contenders: Sequence[Contender]) -> int:
    """Let every contender store and change one order, and compare the documents.

    Returns:
        The size of that order, in bytes.

    Raises:
        Unequal: names the contender that stores or lists something else.
    """
    order = orders.an_order(0)
    forms: list[object] = []
    for each in contenders:
        _store(each, order.id, each.new_record(orders.placed_again(order), orders.a_context()))
        forms.append(_comparable(database[each.collection].find_one({"_id": order.id})))
        if forms[-1] != forms[0]:
            raise Unequal(f"{each.name} stores {forms[-1]}, {contenders[0].name} {forms[0]}")
    size = {"$bsonSize": "$$ROOT"}
    pipeline: list[Document] = [{"$match": {"_id": order.id}}, {"$project": {"size": size}}]
    result = database[contenders[0].collection].aggregate(pipeline).next()
    return int(result["size"])


def _store(contender: Contender, identifier: str, record: object) -> None:
    contender.add(record)
    contender.save(contender.paid_record(identifier))
    contender.change(identifier)
    if contender.get(identifier) is None or len(contender.list()) != LISTED:
        raise Unequal(f"{contender.name} does not find its orders")


def _comparable(value: object) -> object:
    """Return a value without None, which one ODM leaves out, and without what varies."""
    if isinstance(value, dict):
        value = {**value, "body": json.loads(value["body"])} if "body" in value else value
        return {
            name: "..." if name in _VARYING else _comparable(each)
            for name, each in value.items()
            if each is not None
        }
    return [_comparable(each) for each in value] if isinstance(value, list) else value
