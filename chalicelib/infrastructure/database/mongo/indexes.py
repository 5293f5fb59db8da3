"""The indexes of an aggregate's collection: those it declares, and the outbox's own."""

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.collection import Collection

from chalicelib.domain.model import SCHEMA_ATTRIBUTE, AggregateRoot, Index, Schema

from .codec import Document
from .faults import store_faults


def indexes_of(aggregate: type[AggregateRoot]) -> list[IndexModel]:
    """Return every index that the aggregate's collection needs."""
    declared: Schema = getattr(aggregate, SCHEMA_ATTRIBUTE)
    return [
        # The sweep: only documents with pending events are in it, so it is small.
        IndexModel(
            [("pending_since", ASCENDING), ("_id", ASCENDING)],
            name="pending_since",
            partialFilterExpression={"pending_since": {"$exists": True}},
        ),
        # Tombstones, once drained.
        IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
        *(_model(index) for index in declared.indexes),
    ]


def ensure_indexes(collection: Collection[Document], aggregate: type[AggregateRoot]) -> None:
    """Make the indexes that are missing.

    Raises:
        StoreUnavailable: the database did not answer in time.
    """
    with store_faults():
        collection.create_indexes(indexes_of(aggregate))


def _model(index: Index) -> IndexModel:
    keys = [
        (each.lstrip("-"), DESCENDING if each[0] == "-" else ASCENDING) for each in index.fields
    ]
    if not index.unique:
        return IndexModel(keys)
    # A tombstone has no attributes, and must not stand in the way of a successor.
    present = {name: {"$exists": True} for name, _ in keys}
    return IndexModel(keys, unique=True, partialFilterExpression=present)
