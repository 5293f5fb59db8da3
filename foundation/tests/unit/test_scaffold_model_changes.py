"""What a model no longer has is spoken of, with what it may be called now."""

import copy
from typing import Any

import pytest

from carafe.development.scaffold.model_changes import removals

MODEL: dict[str, Any] = {
    "context": "lending",
    "enumerations": {"Genre": {"description": "What.", "values": ["fiction", "travel"]}},
    "values": {"Mark": {"description": "Where.", "attributes": {"room": "text(40)"}}},
    "aggregates": {
        "Book": {
            "description": "A book.",
            "attributes": {"title": "text(200)", "cover": "text(9)?", "genre": "Genre"},
            "events": {"BookMade": {"description": "Made.", "tells": ["title", "cover"]}},
            "timers": {"Untouched": {"description": "Dusty.", "behavior": "make"}},
            "behaviors": {
                "make": {
                    "description": "Make.",
                    "takes": ["title", "cover", {"reason": "text(9)"}],
                    "records": "BookMade",
                }
            },
            "commands": {"MakeBook": {"behavior": "make"}},
            "queries": {"ListBooks": {"returns": "page", "filters": ["genre", "cover"]}},
        }
    },
    "external_services": {"Post": {"operations": {"send": {"takes": {"text": "text(9)"}}}}},
    "subscriptions": {"post.letter.sent.v1": {"attributes": {"book_id": "identifier"}}},
    "sent_commands": {"post.letter.send.v1": {"attributes": {"book_id": "identifier"}}},
    "processes": {
        "Reminding": {
            "description": "Remind.",
            "attributes": {"book_id": "identifier", "title": "text(200)"},
            "steps": {"letter": {"within": "1 day", "answers": {"post.letter.sent.v1": "end"}}},
            "undone_on": ["BookMade"],
        }
    },
}
BOOK = ("aggregates", "Book")
REMINDING = ("processes", "Reminding")


def changed(
    path: tuple[str, ...], name: str | dict[str, str], successor: str = ""
) -> dict[str, Any]:
    """Return the model without an entry, or with it under another name."""
    model = copy.deepcopy(MODEL)
    part: Any = model
    for each in path:
        part = part[each]
    if isinstance(part, list):
        part.remove(name)
        part.extend([successor] if successor else [])
    else:
        content = part.pop(name)
        part |= {successor: content} if successor else {}
    return model


@pytest.mark.parametrize(
    ("path", "name", "sentence"),
    [
        (("enumerations",), "Genre", "enumeration Genre"),
        (("enumerations", "Genre", "values"), "travel", "value Genre.travel"),
        (("values",), "Mark", "value Mark"),
        (("values", "Mark", "attributes"), "room", "attribute Mark.room"),
        (("aggregates",), "Book", "aggregate Book"),
        ((*BOOK, "events"), "BookMade", "event Book.BookMade"),
        ((*BOOK, "events", "BookMade", "tells"), "title", "attribute Book.BookMade.title"),
        ((*BOOK, "timers"), "Untouched", "timer Book.Untouched"),
        ((*BOOK, "behaviors"), "make", "behavior Book.make"),
        (
            (*BOOK, "behaviors", "make", "takes"),
            {"reason": "text(9)"},
            "parameter Book.make.reason",
        ),
        ((*BOOK, "commands"), "MakeBook", "command Book.MakeBook"),
        ((*BOOK, "queries"), "ListBooks", "query Book.ListBooks"),
        ((*BOOK, "queries", "ListBooks", "filters"), "genre", "filter Book.ListBooks.genre"),
        (("external_services",), "Post", "external service Post"),
        (("external_services", "Post", "operations"), "send", "operation Post.send"),
        (("subscriptions",), "post.letter.sent.v1", "subscription post.letter.sent.v1"),
        (("sent_commands",), "post.letter.send.v1", "sent command post.letter.send.v1"),
        (("processes",), "Reminding", "process Reminding"),
        ((*REMINDING, "attributes"), "title", "attribute Reminding.title"),
        ((*REMINDING, "steps"), "letter", "step Reminding.letter"),
        (
            (*REMINDING, "steps", "letter", "answers"),
            "post.letter.sent.v1",
            "answer Reminding.letter.post.letter.sent.v1",
        ),
        ((*REMINDING, "undone_on"), "BookMade", "event that undoes Reminding.BookMade"),
    ],
)
def test_every_kind_of_part_that_went_is_named(
    path: tuple[str, ...],
    name: str | dict[str, str],
    sentence: str,
) -> None:
    assert list(map(str, removals(MODEL, changed(path, name)))) == [sentence]
    assert removals(changed(path, name), MODEL) == []


def test_an_attribute_is_named_once_and_not_where_it_was_used() -> None:
    model = changed((*BOOK, "attributes"), "cover")
    for path in ("events", "BookMade", "tells"), ("behaviors", "make", "takes"):
        part = model["aggregates"]["Book"]
        for each in path:
            part = part[each]
        part.remove("cover")
    model["aggregates"]["Book"]["queries"]["ListBooks"]["filters"].remove("cover")
    assert list(map(str, removals(MODEL, model))) == ["attribute Book.cover"]


def test_a_new_part_of_the_same_content_may_be_the_same_one() -> None:
    model = changed((*BOOK, "attributes"), "title", "name")
    (removal, *_) = removals(MODEL, model)
    assert str(removal) == "attribute Book.title (or was it renamed to name?)"
    model["aggregates"]["Book"]["attributes"]["name"] = "text(100)"
    assert removals(MODEL, model)[0].successor == ""


def test_before_the_first_time_nothing_is_missing() -> None:
    assert removals({}, MODEL) == []
