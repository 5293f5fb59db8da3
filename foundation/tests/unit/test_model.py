"""A model is right, or each of its faults is reported with its line."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from carafe.development.cli import main
from carafe.development.discovery import command
from carafe.development.discovery.model_warnings import warnings_of
from carafe.development.discovery.reading import read_model
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import SCHEMA, BadModel, Source, schema_warning
from tests.support.command_runner import CommandRunner
from tests.support.loan_model import MODEL, faults, line_of
from tests.support.places import ROOT

EXTENSION = """\
      extend: {description: Extend, takes: [remark: "text(9)?"], records: LoanClosed}
    commands:"""

LENDING = ROOT / "foundation/carafe/development/pages/lending.yaml"


def test_the_example_is_right() -> None:
    model = resolve(Source(LENDING.read_text(), "lending.yaml"))
    assert [each.name for each in model.aggregates] == ["Book", "Member", "Loan"]
    assert [each.name for each in model.processes] == ["Reminding"]
    assert list(warnings_of(model)) == []


def test_what_a_model_has_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(command, "draw", lambda _model, _root: {})
    result = CommandRunner().invoke(main, ["discover", str(LENDING), "--dry-run"])
    assert "lending.yaml: 3 aggregates, 1 process, no faults; drawing ..." in result.output


@pytest.mark.parametrize("part", ["sent_commands", "processes"])
def test_the_page_shows_a_part_of_the_example(part: str) -> None:
    page = LENDING.with_name("02-domain-discovery.md").read_text()
    (shown,) = [each for each in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if part in each]
    whole = yaml.safe_load(LENDING.read_text())[part]
    whole.get("Reminding", {}).pop("after_end", None)
    assert yaml.safe_load(shown.replace("  ...", "#"))[part] == whole


def test_a_short_model_is_enough() -> None:
    (loan,) = resolve(Source(MODEL, "model.yaml")).aggregates
    assert [(each.method, each.path) for each in loan.commands] == [
        ("POST", "/loans"),
        ("POST", "/loans/{id}/close"),
    ]
    assert [each.wire_type for each in loan.events] == [
        "lending.loan.opened.v1",
        "lending.loan.closed.v1",
    ]


@pytest.mark.parametrize(
    ("old", "new", "sign", "message"),
    [
        (
            "records: LoanClosed",
            "records: LoanOpened",
            "LoanClosed:",
            "no behaviour records LoanClosed",
        ),
        ("records: LoanClosed", "records: LoanLost", "LoanLost", "has no event LoanLost"),
        ("CloseLoan: {behavior: close}", "CloseLoan: {}", "CloseLoan:", "has no behaviour"),
        ("{behavior: close}", "{behavior: shut}", "shut", "no behaviour shut"),
        ("text(40)?", "string", "string", "unknown type string"),
        ("text(40)?", "text(0)", "text(0)", "one bound"),
        ("text(40)?", "text(40)", "state_note", "does not set state_note"),
        ("[open, closed]", "[open, open]", "values:", "non-unique"),
        ("when: [open]", "when: [closed]", "when: [closed]", "no behaviour leads to closed"),
        ("[open, closed]", "[open, closed, lost]", "lost", "no behaviour leads to lost from open"),
        ("becomes: closed, ", "", "[open, closed]", "no behaviour leads to closed from open"),
        ("when: [open]", "when: [lost]", "when: [lost]", "State has no value lost"),
        ("creates: true, ", "", "behaviors:", "no behaviour creates Loan"),
        ("tells: [book_id]", "tells: [colour]", "colour", "neither an attribute nor taken"),
        ("order: [book_id]", "order: [state_note]", "ListLoans", "always there"),
        ("order: [book_id]", "order: [book_id, -book_id]", "ListLoans", "has one direction"),
        ("filters: [status]", "filters: [colour]", "colour", "Loan has no colour"),
        ("CloseLoan:", "closeLoan:", "closeLoan", "CamelCase"),
        ("state_note: text", "version: text", "version:", "taken by Python or by the"),
        ("close: {desc", "open_up: {desc", "open_up: {description: End", "appears twice"),
        ("returns: page,", "returns: page, path: /docs,", "/docs", "taken by the foundation"),
        ("queries:", "querys:", "querys", "has no 'querys'"),
        ("{returns: one}", "{returns: two}", "two", "one or page"),
        ("context: lending", "context: Lending Desk", "context", "one word of lowercase letters"),
        ("    events:", "   events:", "   events:", "not valid YAML"),
        (
            "closed, records",
            "closed, takes: [state_note], clears: [state_note], records",
            "close: {",
            "close sets state_note twice",
        ),
        (
            "closed, records",
            "closed, takes: [status], records",
            "close: {",
            "close sets status twice",
        ),
        (
            "closed, records",
            'closed, takes: [state_note, state_note: "text(40)?"], records',
            "close: {",
            "close sets state_note twice",
        ),
        (
            "closed, records",
            "closed, takes: [state_note: text(41)], records",
            "text(41)",
            "an attribute of another type: take `state_note` alone, or rename it",
        ),
        (
            "closed, records",
            'closed, takes: [book_id: "identifier?"], records',
            "identifier?",
            "book_id is an attribute that is always there: remove the `?`",
        ),
        ("[open, closed]", "[open, text(4)?]", "text(4)?", 'inside braces, quote it: "text(4)?"'),
        ("{behavior: close}", "{behavior: close?}", "close?", 'quote it: "close?" ('),
    ],
)
def test_each_fault_is_reported_with_its_line(old: str, new: str, sign: str, message: str) -> None:
    text = MODEL.replace(old, new)
    assert text != MODEL
    actual = faults(text)
    lines = [line for line, fault in actual if message in fault]
    assert line_of(text, sign) in lines, actual


@pytest.mark.parametrize(("kind", "is_optional"), [("text(40)?", True), ("text(40)", False)])
def test_a_parameter_like_an_attribute_is_that_attribute(kind: str, *, is_optional: bool) -> None:
    text = MODEL.replace("closed, records", f'closed, takes: [state_note: "{kind}"], records')
    (loan,) = resolve(Source(text, "model.yaml")).aggregates
    attribute = next(each for each in loan.attributes if each.name == "state_note")
    (parameter,) = next(each for each in loan.behaviors if each.name == "close").takes
    assert parameter.type.optional == is_optional
    assert replace(parameter, type=attribute.type) == attribute


def test_what_one_of_two_behaviors_need_not_take_may_lack_in_their_event() -> None:
    text = MODEL.replace(
        "LoanClosed: {description: It is over",
        "LoanClosed: {description: It is over, tells: [remark]",
    )
    text = text.replace("closed, records", "closed, takes: [remark: text(9)], records")
    text = text.replace("    commands:", EXTENSION)
    (loan,) = resolve(Source(text, "model.yaml")).aggregates
    (remark,) = loan.event("LoanClosed").tells
    assert remark.type.optional


def test_a_when_with_one_status_that_nothing_reaches_is_told_there_alone() -> None:
    text = MODEL.replace("[open, closed]", "[open, closed, lost]")
    text = text.replace("when: [open]", "when: [open, lost]")
    message = (
        "no behaviour leads to lost from open, in which Loan begins: "
        "give one `becomes: lost`, or remove lost"
    )
    assert faults(text) == [(line_of(text, "when: [open, lost]"), message)]


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        (".venv/python3.9/model.schema.json", "write `# yaml-language-server: $schema=foundation/"),
        (os.path.relpath(SCHEMA, ROOT), ""),
        ("https://example.com/model.schema.json", ""),
    ],
)
def test_a_schema_that_editors_do_not_find_is_warned_of(
    path: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    text = f"# A model.\n# yaml-language-server: $schema={path}\n{MODEL}"
    warning = schema_warning(text, Path("model.yaml"))
    assert warning.startswith(f"model.yaml:2: editors find no schema at {path}" if advice else "")
    assert advice in warning
    assert bool(warning) == bool(advice)


def test_the_example_as_a_copy_names_no_schema() -> None:
    """Its path would lead elsewhere; `discover --example` writes the right one."""
    assert "$schema" not in LENDING.read_text()


@pytest.mark.parametrize("text", ["", "- a\n- b", "context: [", "a: &x [*x]", "\t"])
def test_malformed_text_is_reported_as_a_fault(text: str) -> None:
    assert faults(text)


def test_a_request_without_a_body_takes_nothing() -> None:
    operations = "{ping: {description: Ask it, request: GET /ping, takes: {loan_id: identifier}}}"
    text = f"{MODEL}external_services:\n  Post: {{description: Theirs, operations: {operations}}}\n"
    way = "name it in the path, as `GET /ping/{loan_id}`, or POST it"
    message = f"a GET has no body for loan_id: {way}"
    assert faults(text) == [(line_of(text, "Post:"), message)]


def test_a_model_of_another_service_can_be_drawn_but_not_scaffolded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(BadModel, match="this tree is the service 'ordering'"):
        read_model(LENDING)
    assert read_model(LENDING, of_any_service=True).context == "lending"
    assert (
        capsys.readouterr().out == "warning: this tree is the service 'ordering', not 'lending'\n"
    )


def test_the_example_has_the_context_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    printed = CommandRunner().invoke(main, ["discover", "--example"])
    schema, _, text = printed.output.partition("\n")
    assert Path(schema.removeprefix("# yaml-language-server: $schema=")).samefile(SCHEMA)
    model = resolve(Source(text, "model.yaml"))
    assert model.context == "ordering"
    assert "ordering.loan.opened.v1" in model.data["subscriptions"]
    assert [each.name for each in model.aggregates] == ["Book", "Member", "Loan"]


@pytest.mark.parametrize(
    "words", [["scaffold", "aggregate", "Loan", "--model", str(LENDING)], ["discover", "--ask"]]
)
def test_outside_of_a_service_the_error_is_one_line(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CommandRunner().invoke(main, words)
    assert result.exit_code == 1
    assert result.output.startswith("error: this is no service's folder")
    assert len(result.output.splitlines()) == 1
