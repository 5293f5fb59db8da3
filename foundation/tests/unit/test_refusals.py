"""Every store refuses in the same words."""

import pytest

from carafe.domain.errors import NotFound
from carafe.domain.model import AggregateRoot, schema
from carafe.infrastructure.database.bookkeeping import Refusals


@schema(collection="waiting_list_entries")
class WaitingListEntry(AggregateRoot):
    """A wish for an earlier appointment."""


def test_an_aggregate_is_named_in_words_in_its_code_as_well() -> None:
    refusals = Refusals(WaitingListEntry)
    with pytest.raises(NotFound, match=r"There is no waiting list entry id-1\."):
        refusals.require_alive(None, "id-1")
    refusal = refusals.already_exists("number")
    assert refusal.message == "Another waiting list entry has this number."
    assert refusal.code == "waiting_list_entry_already_exists"
