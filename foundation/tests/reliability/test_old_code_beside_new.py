"""Two releases at once: older code still writes the form that newer code replaces."""

from collections.abc import Mapping
from typing import Any, ClassVar

from carafe.domain.model import AggregateRoot, schema
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.documents import Upcaster
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository

OLD_DOCUMENT: dict[str, Any] = {
    "_id": "c-1",
    "version": 5,
    "schema_version": 1,
    "sequence": 0,
    "kilograms": 2,
    "pending": [],
    "handled": [],
}


@schema(collection="crates", version=2)
class Crate(AggregateRoot):
    """Counted in kilograms before."""

    grams: int


def grams_for_kilograms(state: dict[str, Any]) -> dict[str, Any]:
    """Version 1 to 2."""
    state["grams"] = state.pop("kilograms") * 1_000
    return state


class CrateRepository(MongoRepository[Crate]):
    """Keeps crates of both forms."""

    aggregate = Crate
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: grams_for_kilograms}


def test_what_older_code_wrote_meanwhile_is_not_overwritten(service: Container[Any]) -> None:
    """F64: the document has changed, but is still of the old form."""
    crates = CrateRepository(service.database, service.outbox, service.nudge, service.cursors)
    crates.collection.insert_one(OLD_DOCUMENT)
    stale = crates.collection.find_one({"_id": "c-1"})
    assert stale is not None
    crates.collection.update_one({"_id": "c-1"}, {"$set": {"version": 6, "kilograms": 9}})
    assert not crates.migrate(stale)
    assert crates.get("c-1").grams == 9_000
