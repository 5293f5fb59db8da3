"""What a model says but cannot mean is refused, what it hardly means is warned of."""

from pathlib import Path

import pytest

from carafe.development.discovery.model_warnings import lost_parameters, warnings_of
from carafe.development.discovery.reading import read_model
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from tests.support.loan_model import MODEL, faults, line_of
from tests.support.places import ROOT

LOST = MODEL.replace(
    "description: End, when: [open]",
    "description: End, when: [open],\n        takes: [book_id,\n          remark: text(9)]",
)

ADDED = "{description: End, takes: [tag: text(9)], adds: {tags: tag},"

EXPIRED = """\
subscriptions:
  desk.loan.expired.v1:
    description: It ends
    attributes: {loan_id: identifier, state_note: "text(40)?"}
    behavior: Loan.close
    identifier: loan_id
"""


def test_a_parameter_that_nothing_keeps_or_tells_is_warned_of_with_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    (tmp_path / "model.yaml").write_text(LOST)
    read_model(tmp_path / "model.yaml", of_any_service=True)
    line = line_of(LOST, "remark")
    assert (
        f"model.yaml:{line}: close takes remark, which is lost: let Loan have an attribute remark, "
        "or let LoanClosed tell it"
    ) in capsys.readouterr().out


def test_what_an_attribute_keeps_or_an_event_tells_is_not_lost() -> None:
    told = LOST.replace("description: It is over", "description: It is over, tells: [remark]")
    kept = LOST.replace("state_note: text(40)?", "remark: text(9)?")
    for text in (MODEL, told, kept):
        assert list(lost_parameters(resolve(Source(text, "model.yaml")))) == []


UNSET = MODEL.replace("state_note: text(40)?", "state_note: text(40)?\n      tags: list of text(9)")


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("{description: End,", "{description: End,", ["state_note", "tags"]),
        ("{description: End,", "{description: End, takes: [state_note],", ["tags"]),
        ("{description: End,", "{description: End, takes: [tags],", ["state_note"]),
        ("{description: End,", ADDED, ["state_note"]),
        ("state_note: text(40)?", "state_note: {type: text(9), default: none}", ["tags"]),
        ("[book_id], becomes", "[book_id, tags, state_note], becomes", []),
    ],
)
def test_an_attribute_that_nothing_sets_is_warned_of(old: str, new: str, names: list[str]) -> None:
    text = UNSET.replace(old, new, 1)
    source = Source(text, "model.yaml")
    found = [(source.line(place), message) for place, message in warnings_of(resolve(source))]
    assert [line for line, _ in found] == [line_of(text, f"      {each}:") for each in names]
    for (_, message), name in zip(found, names, strict=True):
        assert message.startswith(
            f"nothing sets {name}: let a behaviour of Loan do so, with `takes"
        )


def test_an_event_that_may_lack_what_the_behaviour_needs_is_refused() -> None:
    text = MODEL.replace("description: End,", "description: End, takes: [state_note],") + EXPIRED
    message = (
        "close needs state_note, which the event may lack: remove its `?` here, or add one where "
        "the behaviour takes it"
    )
    assert faults(text) == [(line_of(text, "loan_id: identifier,"), message)]
    resolve(Source(text.replace('"text(40)?"', "text(40)"), "model.yaml"))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("boolean", "cannot be unique: that is for a single text, identifier, integer, moment"),
        ("list of text(9)", "cannot be unique: that is for a single"),
        ("text(9)?", "cannot be unique and optional: two without it would be the same"),
        ("integer(0..1)", "is unique and has only 2 values: widen its bounds to 200 values"),
    ],
)
def test_what_is_unique_can_be(kind: str, message: str) -> None:
    unique = f'{{type: "{kind}", unique: true}}'
    text = MODEL.replace("state_note: text(40)?", f"number: {unique}")
    text = text.replace("takes: [book_id]", "takes: [book_id, number]")
    assert any(f"number {message}" in fault for _, fault in faults(text))


def test_what_has_values_enough_may_be_unique() -> None:
    for kind in ("text(1)", "integer(1..200)", "moment", "identifier"):
        text = MODEL.replace("state_note: text(40)?", f"number: {{type: {kind}, unique: true}}")
        text = text.replace("takes: [book_id]", "takes: [book_id, number]")
        resolve(Source(text, "model.yaml"))
