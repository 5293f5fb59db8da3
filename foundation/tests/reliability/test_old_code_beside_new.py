"""Two releases at once: older code still writes the form that newer code replaces."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.model import AggregateRoot, schema
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.documents import Upcaster
from carafe.infrastructure.database.mongo.migration import migrate
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.testing.contexts import a_context

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


def test_a_save_that_a_migration_overtakes_is_tried_again(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The migration changes the form and not the version: it is no other writer."""
    crates = CrateRepository(service.database, service.outbox, service.nudge, service.cursors)
    crates.collection.insert_one(OLD_DOCUMENT)
    crate = crates.get("c-1")
    crate.grams = 3_000
    earlier_result = crates.earlier_result

    def meanwhile(identifier: str, context: CommandContext) -> CommandResult | None:
        """The write has not applied; before it is told why, the document is migrated."""
        assert [each.done for each in migrate(crates)] in ([1], [0])
        return earlier_result(identifier, context)

    monkeypatch.setattr(crates, "earlier_result", meanwhile)
    assert crates.save(crate, a_context()).version == 6
    assert crates.get("c-1").grams == 3_000
