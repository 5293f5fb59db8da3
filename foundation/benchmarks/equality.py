"""Before anything is measured: everybody stores the same, and reads all that is there."""

from collections.abc import Sequence
from typing import Any

from pymongo.database import Database

from . import orders
from .contender import LISTED, Contender

Document = dict[str, Any]

# Made anew for each write, or told by the clock.
_UNLIKE = {"id", "correlationid", "causationid", "at", "pending_since"}


class Unequal(Exception):
    """Somebody does less than the others, so that a comparison would mean nothing."""


def require_equality(database: Database[Document], contenders: Sequence[Contender]) -> int:
    """Let everybody store and change one order, and compare what the database has then.

    Returns:
        the size of that order, in bytes.

    Raises:
        Unequal: names who stores or lists something else.
    """
    order = orders.an_order(0)
    forms: list[object] = []
    for each in contenders:
        _store(each, order.id, each.made(orders.placed_again(order), orders.a_context()))
        forms.append(_comparable(database[each.collection].find_one({"_id": order.id})))
        if forms[-1] != forms[0]:
            raise Unequal(f"{each.name} stores {forms[-1]}, {contenders[0].name} {forms[0]}")
    size = {"$bsonSize": "$$ROOT"}
    pipeline: list[Document] = [{"$match": {"_id": order.id}}, {"$project": {"size": size}}]
    found = database[contenders[0].collection].aggregate(pipeline).next()
    return int(found["size"])


def _store(contender: Contender, identifier: str, made: object) -> None:
    contender.add(made)
    contender.save(contender.changed(identifier))
    contender.change(identifier)
    if contender.get(identifier) is None or len(contender.list()) != LISTED:
        raise Unequal(f"{contender.name} does not find its orders")


def _comparable(value: object) -> object:
    """Leave out what is None, as one ODM does, and hide what no two writes have in common."""
    if isinstance(value, dict):
        return {
            name: "..." if name in _UNLIKE else _comparable(each)
            for name, each in value.items()
            if each is not None
        }
    return [_comparable(each) for each in value] if isinstance(value, list) else value
