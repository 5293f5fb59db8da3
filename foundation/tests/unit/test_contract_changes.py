"""Changes of contracts are compared with the last release; those that break others are named."""

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from msgspec import Meta, Struct

from carafe.contracts.base import Command
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.patterns import whole
from carafe.development.cli import main
from carafe.development.contracts import commands as command_line
from carafe.development.contracts.commands import RELEASED, present_contracts
from carafe.development.contracts.requirements import new_requirements
from carafe.development.contracts.snapshot import (
    Snapshot,
    additions,
    breaking_changes,
    read,
    snapshot_of,
    write,
)
from carafe.development.project import project
from tests.support.command_runner import CommandRunner

Form = type[Any] | Any


def an_event(**fields: Form) -> type[IntegrationEvent]:
    names = {"wire_type": "a.b.happened.v1", "__annotations__": fields}
    return type("HappenedV1", (IntegrationEvent,), names, frozen=True)


def a_command(optional: dict[str, Any] | None = None, **fields: Form) -> type[Command]:
    names = {"wire_name": "a.do", "scope": "s", "__annotations__": fields, **(optional or {})}
    return type("Do", (Command,), names, frozen=True)


class Inner(Command, frozen=True):
    """Something inside a contract."""

    wire_name: ClassVar[str] = "inner"
    scope: ClassVar[str] = "s"
    count: int


def event_breaks(before: type[IntegrationEvent], after: type[IntegrationEvent]) -> list[str]:
    return breaking_changes(snapshot_of([before], []), snapshot_of([after], []))


def command_breaks(before: type[Command], after: type[Command]) -> list[str]:
    return breaking_changes(snapshot_of([], [before]), snapshot_of([], [after]))


SHORT = Annotated[str, Meta(max_length=5)]
LONG = Annotated[str, Meta(max_length=50)]

# What is stricter breaks the senders of commands; what is looser breaks the readers of events.
NARROWED: list[tuple[str, Form, Form]] = [
    ("length", LONG, SHORT),
    ("no length", str, SHORT),
    ("lower bound", int, Annotated[int, Meta(ge=1)]),
    ("pattern", str, Annotated[str, Meta(pattern="^a$")]),
    ("null", int | None, int),
    ("a number", float, int),
    ("items", list[str], Annotated[list[str], Meta(max_length=3)]),
    ("kind of items", list[int | str], list[int]),
    ("values of a mapping", dict[str, int | str], dict[str, int]),
    ("names of a mapping", dict[str, int], dict[SHORT, int]),
    ("items of a tuple", tuple[int, float], tuple[int, int]),
    ("bounds", Annotated[int, Meta(gt=0)], Annotated[int, Meta(ge=2)]),
    ("values of an enumeration", Literal["a", "b"], Literal["a"]),
    ("an enumeration", str | None, Literal["a"] | None),
]


@pytest.mark.parametrize(
    ("loose", "strict"), [e[1:] for e in NARROWED], ids=[e[0] for e in NARROWED]
)
def test_commands_may_become_looser_and_events_stricter(loose: Form, strict: Form) -> None:
    assert command_breaks(a_command(field=strict), a_command(field=loose)) == []
    assert event_breaks(an_event(field=loose), an_event(field=strict)) == []
    (message,) = command_breaks(a_command(field=loose), a_command(field=strict))
    assert message.startswith("command a.do /field")
    (message,) = event_breaks(an_event(field=strict), an_event(field=loose))
    assert message.startswith("event a.b.happened.v1 /field")


def test_a_guarded_end_of_a_pattern_changes_nothing() -> None:
    bare, guarded, other = (
        Annotated[str, Meta(pattern=each)] for each in ("^a$", whole("a"), whole("b"))
    )
    for before, after in ((bare, guarded), (guarded, bare)):
        assert command_breaks(a_command(field=before), a_command(field=after)) == []
        assert event_breaks(an_event(field=before), an_event(field=after)) == []
    assert command_breaks(a_command(field=bare), a_command(field=other))


def test_another_type_breaks_both() -> None:
    assert command_breaks(a_command(field=int), a_command(field=str))
    assert event_breaks(an_event(field=int), an_event(field=str))


def test_an_event_may_have_new_fields_but_not_lose_any() -> None:
    assert event_breaks(an_event(a=int), an_event(a=int, b=int)) == []
    assert event_breaks(an_event(a=int, b=int), an_event(a=int)) == [
        "event a.b.happened.v1 /b: is required, but may be missing"
    ]


def test_a_command_may_have_new_fields_only_if_they_are_optional() -> None:
    before = a_command(a=int)
    assert command_breaks(before, a_command({"b": 1}, a=int, b=int)) == []
    assert command_breaks(before, a_command(a=int, b=int)) == [
        "command a.do /b: is required, but may be missing"
    ]
    assert command_breaks(a_command(a=int, b=int), before) == [
        "command a.do /b: is unknown to the reader, and therefore refused"
    ]


def test_nested_schemas_are_compared_too() -> None:
    before = snapshot_of([an_event(inner=list[Inner])], [])
    after = copy.deepcopy(before)
    after["schemas"]["Inner"]["properties"]["count"]["type"] = "string"
    (message,) = breaking_changes(before, after)
    assert message == "event a.b.happened.v1 /inner/*/count: is string, where integer is expected"


def test_what_may_be_null_is_compared_as_what_it_is_otherwise() -> None:
    before = snapshot_of([an_event(inner=Inner | None)], [])
    after = copy.deepcopy(before)
    after["schemas"]["Inner"]["properties"]["count"]["type"] = "string"
    (message,) = breaking_changes(before, after)
    assert message == "event a.b.happened.v1 /inner/count: is string, where integer is expected"


class Card(Struct, tag="card"):
    """One of two kinds."""

    number: str


class Invoice(Struct, tag="invoice"):
    """The other kind."""

    days: int


class Cheque(Struct, tag="cheque"):
    """A third one."""


class OtherInvoice(Struct, tag="invoice"):
    """The same kind later."""

    days: str


CHOICES: list[tuple[Form, Form, str]] = [
    (Literal["a", "b"] | None, Literal["a"] | None, "/field: may be b"),
    (Literal["a", "long one"], SHORT, "/field: may be long one"),
    (Literal["a", "b"], Annotated[str, Meta(pattern="^a$")], "/field: may be b"),
    (Literal[0, 1], Annotated[int, Meta(ge=1)], "/field: may be 0"),
    (
        Literal["a", 1],
        Literal["a"] | None,
        "/field: is integer, where string or null is expected",
    ),
    (Literal["2026-01-01"], date, "/field: may be 2026-01-01"),
    (Literal[10, 15], Annotated[int, Meta(multiple_of=10)], "/field: may be 15"),
    (Card | Invoice | Cheque, Card | Invoice, "/field/type: may be cheque"),
    (
        Card | Invoice,
        Card | OtherInvoice,
        "/field/days: is integer, where string is expected",
    ),
    (
        dict[str, Card | Invoice | None],
        dict[str, Card | OtherInvoice | None],
        "/field/*/days: is integer, where string is expected",
    ),
    (tuple[int, Card], tuple[int, Invoice], "/field/1/days: is required, but may be missing"),
]


@pytest.mark.parametrize(("before", "after", "fault"), CHOICES)
def test_of_several_kinds_the_one_that_is_meant_is_named(
    before: Form, after: Form, fault: str
) -> None:
    breaks = command_breaks(a_command(field=before), a_command(field=after))
    assert f"command a.do {fault}" in breaks


class Tree(Struct):
    """Something that contains its own kind."""

    height: int
    branches: "list[Tree]"


Part = Annotated["list[Text | Image | Table | Quote | Section]", Meta(max_length=9)]


class Text(Struct, tag="text"):
    """A part of a page without parts."""


class Image(Struct, tag="image"):
    """A part with parts: the caption's."""

    parts: Part


class Table(Struct, tag="table"):
    """A part with parts in two fields."""

    parts: Part
    notes: Part


class Quote(Struct, tag="quote"):
    """A part with parts, which may be missing."""

    parts: Part | None = None


class Section(Struct, tag="section"):
    """A part with parts by name."""

    parts: dict[str, Part]


def test_kinds_that_contain_each_other_are_compared_in_no_time() -> None:
    before = snapshot_of([an_event(page=Section)], [])
    after = copy.deepcopy(before)
    assert breaking_changes(before, after) == []
    del after["schemas"]["Quote"]["properties"]["parts"]
    after["schemas"]["Table"]["required"].remove("notes")
    assert breaking_changes(before, after) == [
        "event a.b.happened.v1 /page/parts/*/*/parts/*/notes: is required, but may be missing"
    ]
    after["schemas"]["Image"]["properties"]["parts"]["maxItems"] = 10
    assert len(breaking_changes(before, after)) == 2


def test_what_contains_another_kind_further_within_is_told() -> None:
    before = snapshot_of([an_event(tree=Tree)], [])
    after = copy.deepcopy(before)
    after["schemas"]["Leaf"] = copy.deepcopy(after["schemas"]["Tree"])
    after["schemas"]["Leaf"]["properties"]["height"]["type"] = "string"
    after["schemas"]["Tree"]["properties"]["branches"]["items"]["$ref"] = "#/schemas/Leaf"
    assert breaking_changes(before, after) == [
        "event a.b.happened.v1 /tree/branches/*/height: is string, where integer is expected"
    ]
    assert breaking_changes(after, before) == [
        "event a.b.happened.v1 /tree/branches/*/height: is integer, where string is expected"
    ]


def test_what_contains_its_own_kind_is_compared_once() -> None:
    before = snapshot_of([an_event(tree=Tree)], [])
    after = copy.deepcopy(before)
    assert breaking_changes(before, after) == []
    after["schemas"]["Tree"]["properties"]["height"]["type"] = "string"
    assert breaking_changes(before, after) == [
        "event a.b.happened.v1 /tree/height: is string, where integer is expected"
    ]


def test_what_no_reader_takes_is_told_with_what_they_take() -> None:
    assert command_breaks(a_command(a=int | str | None), a_command(a=int | None)) == [
        "command a.do /a: is string, where integer or null is expected"
    ]


def test_a_field_that_a_command_needs_from_now_on_is_named() -> None:
    inner: dict[str, Any] = {"inner": list[Inner], "outer": Inner | None}
    before = snapshot_of([], [a_command({"b": None}, a=int, **inner, b=int | None)])
    needed = snapshot_of([], [a_command(a=int, **inner, b=int, c=int)])
    needed["schemas"]["Inner"]["required"].append("color")
    assert [*new_requirements(before, needed)] == [
        ("Do", "b"),
        ("Do", "c"),
        ("Do", "inner.*.color"),
        ("Do", "outer.color"),
    ]


def test_no_field_is_needed_that_may_be_missing_or_of_a_new_command() -> None:
    before, none = snapshot_of([], [a_command(a=int, b=int)]), snapshot_of([], [])
    for after in (a_command({"c": None}, a=int, b=str, c=int | None), a_command(a=int)):
        assert [*new_requirements(before, snapshot_of([], [after]))] == []
    assert [*new_requirements(none, before)] == []


def test_a_removal_is_a_break_and_an_addition_is_not() -> None:
    event, command = an_event(a=int), a_command(a=int)
    with_both, with_none = snapshot_of([event], [command]), snapshot_of([], [])
    assert breaking_changes(with_both, with_none) == [
        "event a.b.happened.v1 is no longer published",
        "command a.do is no longer accepted",
    ]
    assert breaking_changes(with_none, with_both) == []
    assert additions(with_none, with_both) == [
        "event a.b.happened.v1 is new",
        "command a.do is new",
    ]


def test_the_present_contracts_break_nobody() -> None:
    released = read(project().root / RELEASED)
    assert released is not None
    assert breaking_changes(released, present_contracts()) == []


Change = Callable[[Snapshot], object]

CHANGES: list[tuple[Change, str]] = [
    (
        lambda s: s["events"].update({"x.y.gone.v1": {"type": "object"}}),
        "x.y.gone.v1 is no longer published",
    ),
    (
        lambda s: s["commands"].update({"x.gone": {"type": "object"}}),
        "x.gone is no longer accepted",
    ),
    (
        lambda s: s["schemas"]["OrderPaidV1"]["properties"]["order_id"].update(type="integer"),
        "/order_id",
    ),
    (lambda s: s["schemas"]["CancelOrder"]["properties"].update(more={}), "/more: is unknown"),
]


@pytest.mark.parametrize(("change", "sentence"), CHANGES)
def test_the_command_line_names_what_breaks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: Change, sentence: str
) -> None:
    earlier = present_contracts()
    change(earlier)
    file = tmp_path / "released.json"
    monkeypatch.setattr(command_line, "RELEASED", file)
    write(file, earlier)
    result = CommandRunner().invoke(main, ["contracts", "check"])
    assert result.exit_code == 1
    assert sentence in result.output
    refusal = CommandRunner().invoke(main, ["contracts", "release"])
    assert (refusal.exit_code, read(file)) == (1, earlier)
    dry_run = CommandRunner().invoke(
        main, ["contracts", "release", "--allow-breaking", "--dry-run"]
    )
    assert (dry_run.exit_code, read(file)) == (0, earlier)
    CommandRunner().invoke(main, ["contracts", "release", "--allow-breaking"])
    assert CommandRunner().invoke(main, ["contracts", "check"]).exit_code == 0


def test_before_the_first_release_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command_line, "RELEASED", tmp_path / "released.json")
    result = CommandRunner().invoke(main, ["contracts", "check"])
    assert (result.exit_code, "contracts release" in result.output) == (0, True)
