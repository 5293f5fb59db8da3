"""The indexes of an aggregate's collection: those it declares, and those of its bookkeeping."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from carafe.domain.model import AggregateRoot, Index
from carafe.domain.process_state import ProcessState
from carafe.infrastructure.database.criteria import form_of
from carafe.infrastructure.database.forms import schema_of
from carafe.infrastructure.database.stored import stored_name

from .marks import choices_in

OF_PROCESSES = (
    Index(("command_ids",)),  # a refusal finds the process that sent the command
    Index(("status", "begun_at", "id")),  # operators, and an alarm for those that are stuck
)


def indexes_of(aggregate: type[AggregateRoot]) -> list[IndexModel]:
    """Return every index that the aggregate's collection needs.

    Raises:
        ValueError: a declared index names an attribute that the aggregate does not have.
    """
    return [
        # The sweep: only documents with pending events are in it, so it is small.
        IndexModel(
            [("pending_since", ASCENDING), ("_id", ASCENDING)],
            name="pending_since",
            partialFilterExpression={"pending_since": {"$exists": True}},
        ),
        # The sweep again, in the order in which timers are due.
        IndexModel(
            [("next_due", ASCENDING), ("_id", ASCENDING)],
            name="next_due",
            partialFilterExpression={"next_due": {"$exists": True}},
        ),
        # Operators, and an alarm: few documents are in it.
        IndexModel(
            [("timers_parked_since", ASCENDING), ("_id", ASCENDING)],
            name="timers_parked_since",
            partialFilterExpression={"timers_parked_since": {"$exists": True}},
        ),
        # Tombstones, once drained.
        IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
        *(_model(aggregate, index) for index in _declared(aggregate)),
    ]


def _declared(aggregate: type[AggregateRoot]) -> tuple[Index, ...]:
    own = schema_of(aggregate).indexes
    if not issubclass(aggregate, ProcessState):
        return own
    return (*own, *(each for each in OF_PROCESSES if each not in own))


def _model(aggregate: type[AggregateRoot], index: Index) -> IndexModel:
    keys = []
    for each in index.fields:
        name = each.lstrip("-")
        form_of(aggregate, name)
        keys.append((stored_name(name), DESCENDING if each.startswith("-") else ASCENDING))
    only: dict[str, object] = {}
    for name, value in index.only_where:
        form_of(aggregate, name)
        if not isinstance(value, tuple):
            only[name] = value
    only |= {each.mark: True for each in choices_in(index)}
    if index.unique:
        # A tombstone has no attributes, and must not stand in the way of a successor.
        only |= {name: {"$exists": True} for name, _ in keys if name not in only}
    options: dict[str, object] = {"unique": True} if index.unique else {}
    if only:
        options["partialFilterExpression"] = only
    if index.expire_after_seconds is not None:
        options["expireAfterSeconds"] = index.expire_after_seconds
    return IndexModel(keys, **options)
