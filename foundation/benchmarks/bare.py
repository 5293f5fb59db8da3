"""The limit: the driver alone, with documents that are ready.

Documents are in the driver's own types when the clock starts, and what is read stays a plain dict.
No library that turns documents into objects can be faster.
"""

from collections.abc import Sequence
from typing import Any

from pymongo import DESCENDING
from pymongo.database import Database

from carafe.contracts.envelope import CommandContext
from chalicelib.domain.order import Order

from . import orders
from .contender import LISTED

Document = dict[str, Any]
Update = tuple[Document, Document]

_PROJECTION = {"pending": 0, "handled": 0}
_MOST_PENDING = 1_000


class Bare:
    """Pymongo, and nothing else."""

    name = "pymongo"
    collection = "orders_bare"

    def __init__(self, database: Database[Document], collection: str = collection) -> None:
        self._collection = database[collection]

    def new_record(self, order: Order, context: CommandContext) -> Document:
        """Return the document."""
        return orders.new_document(order, context)

    def add(self, record: Document) -> None:
        """Insert the document."""
        self._collection.insert_one(record)

    def get(self, identifier: str) -> Document | None:
        """Find the document."""
        return self._collection.find_one({"_id": identifier}, _PROJECTION)

    def paid_record(self, identifier: str) -> Update:
        """Return the update, ready to be sent."""
        context = orders.a_context()
        document = self.loaded(identifier, context)
        document |= {"status": "paid", "payment_reference": orders.PAYMENT}
        return update_of(document, context, "paid", orders.PAID)

    def save(self, record: Update) -> None:
        """Send the update."""
        unchanged, update = record
        if self._collection.update_one(unchanged, update).matched_count != 1:
            raise LookupError(unchanged["_id"])

    def change(self, identifier: str) -> None:
        """Read, change the dict, write it back."""
        context = orders.a_context()
        document = self.loaded(identifier, context)
        address = document["shipping_address"] | {
            "street": "Gartenstraße 3",
            "city": "Dresden",
            "postal_code": "01067",
        }
        document["shipping_address"] = address
        data = {"shipping_address": address}
        self.save(update_of(document, context, "shipping_address_changed", data))

    def list(self) -> Sequence[Document]:
        """Find the documents, in one answer of the server's."""
        latest = [("placed_at", DESCENDING), ("_id", DESCENDING)]
        return self._collection.find(
            {"deleted_at": None}, _PROJECTION, sort=latest, limit=LISTED, batch_size=LISTED
        ).to_list()

    def loaded(self, identifier: str, context: CommandContext) -> Document:
        """Find the document to be changed, with the command's entry if it was handled."""
        handled = {"handled": {"$elemMatch": {"id": context.command_id}}}
        document = self._collection.find_one({"_id": identifier}, {"pending": 0} | handled)
        if document is None:
            raise LookupError(identifier)
        return document


_NOT_STATE = {"_id", "version", "schema_version", "sequence", "pending_since", "handled"}


def update_of(document: Document, context: CommandContext, kind: str, data: Document) -> Update:
    """Return the filter and the update of the write that Carafe makes."""
    version = document["version"]
    identifier = document["_id"]
    sequence = document["sequence"] + 1
    event = orders.event_document(identifier, sequence, context, kind, data)
    state = {name: value for name, value in document.items() if name not in _NOT_STATE}
    handled = orders.handled_document(context, version + 1)
    unchanged = {
        "_id": identifier,
        "version": version,
        "schema_version": 1,
        f"pending.{_MOST_PENDING - 1}": {"$exists": False},
    }
    update = {
        "$set": state | {"version": version + 1, "sequence": sequence},
        "$push": {
            "handled": handled,
            "pending": {"$each": [event]},
        },
        "$min": {"pending_since": orders.NOON},
    }
    return unchanged, update
