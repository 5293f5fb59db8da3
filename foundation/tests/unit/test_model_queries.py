"""Queries are narrowed and sorted by what an index can find."""

import pytest

from carafe.development.discovery.model_warnings import warnings_of
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold.details import detailed
from tests.support.loan_model import faults, line_of

MODEL = """\
context: lending
values:
  Place: {description: Where it stands, attributes: {room: text(9), shelf: "integer(1..9)?"}}
aggregates:
  Copy:
    description: A book
    shared: true
    attributes:
      title: text(40)
      bought_at: moment
      pages: integer(1..9)
      words: list of text(9)
      places: list of Place
      place: Place
      other: Place?
      worth: money
      status_from: text(9)
    events: {CopyBought: {description: It came}}
    behaviors:
      buy:
        description: Begin
        creates: true
        takes: [title, bought_at, pages, words, places, place, other, worth, status_from]
        records: CopyBought
    queries:
      ListCopies: {returns: page, filters: [title, words, {bought_at: range}], order: [place.room]}
"""

FILTERS = "[title, words, {bought_at: range}]"


def test_a_query_is_narrowed_in_three_ways() -> None:
    model = resolve(Source(MODEL, "model.yaml"))
    (query,) = model.aggregates[0].queries
    found = [[each.name for each in part] for part in (query.filters, query.members, query.ranges)]
    assert found == [["title"], ["words"], ["bought_at"]]
    assert not query.members[0].type.many
    assert list(warnings_of(model)) == []


def test_each_way_has_an_index_and_of_lists_at_most_one() -> None:
    model = resolve(Source(MODEL, "model.yaml"))
    indexes = detailed(model.aggregates[0], model).indexes
    assert [each.fields for each in indexes] == [
        ("place.room", "id"),
        ("title", "place.room", "id"),
        ("words", "place.room", "id"),
        ("bought_at", "place.room", "id"),
        ("title", "bought_at", "place.room", "id"),
    ]


def test_an_index_has_each_attribute_once() -> None:
    """MongoDB takes one with an attribute twice for the same as that with it once."""
    asked = "[title, pages, {pages: range}]"
    model = resolve(Source(MODEL.replace(FILTERS, asked), "model.yaml"))
    fields = [each.fields for each in detailed(model.aggregates[0], model).indexes]
    assert [each for each in fields if len(set(each)) < len(each)] == []
    assert ("title", "pages", "place.room", "id") in fields


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (FILTERS, "[bought_at]", "bought_at is a moment: write `{bought_at: range}`"),
        (FILTERS, "[place]", "place consists of several values"),
        (FILTERS, "[places]", "places consists of several values"),
        (FILTERS, "[{title: range}]", "title has no range: only a single integer, moment, date"),
        (FILTERS, "[{words: range}]", "words has no range"),
        (FILTERS, "[{author: range}]", "Copy has no author"),
        (FILTERS, "[{title: below}]", "an attribute, or {starts_at: range}"),
        (FILTERS, "[pages_from, {pages: range}]", "pages_from stands for two filters: remove one"),
        ("[place.room]", "[place.shelf]", "place.shelf is not a single attribute that is always"),
        ("[place.room]", "[other.room]", "other.room is not a single attribute that is always"),
        ("[place.room]", "[places.room]", "places.room is not a single attribute"),
        ("[place.room]", "[place]", "place is not a single attribute"),
        ("[place.room]", "[worth.price]", "worth.price is not a single attribute"),
        ("[place.room]", "[title.length]", "title.length is not a single attribute"),
        ("[place.room]", "[worth.amount, -title]", "an order has one direction"),
    ],
)
def test_what_a_query_cannot_do_is_said(old: str, new: str, message: str) -> None:
    text = MODEL.replace(old, new)
    if "pages_from" in new:
        text = text.replace("status_from", "pages_from")
    assert text != MODEL
    found = faults(text)
    assert line_of(text, "ListCopies") in [line for line, fault in found if message in fault], found
