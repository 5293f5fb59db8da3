"""Operations can be requested, their refusals told apart, and calls give what they need."""

import pytest

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from tests.support.insured_model import MODEL, changed, fault_lines
from tests.support.loan_model import faults, line_of

CHECKED = "request: GET /policies/{policy_id}"
UNKNOWN = "unknown: {description: There is none, status: 404}"


def test_what_the_answer_gives_is_no_field_of_the_command() -> None:
    (stay,) = resolve(Source(MODEL, "model.yaml")).aggregates
    book, pay = stay.commands
    assert [[each.name for each in command.takes] for command in (book, pay)] == [["policy_id"], []]
    assert book.call is not None
    assert book.call.operation.result == "InsuranceCheckResult"
    assert pay.call is not None
    assert list(pay.call.arguments) == ["policy", "stay_id"]


def test_a_refusal_is_one_error_in_all_operations() -> None:
    (insurance,) = resolve(Source(MODEL, "model.yaml")).external_services
    assert [each.name for each in insurance.refusals] == ["Unknown", "Lapsed"]


@pytest.mark.parametrize(
    ("old", "new", "sign", "message"),
    [
        (CHECKED, "request: GET /policies/{policy}", "GET", "check takes no policy: add it to"),
        (CHECKED, "request: GET /policies", "check:", "name it in the path, as `GET /policies/{p"),
        (CHECKED, f"{CHECKED}/{{policy_id}}", "GET", "policy_id stands in the path twice"),
        (CHECKED, "request: GET /policies/{Policy}", "GET", "a method and a path, such as POST /l"),
        (
            "takes: {policy_id: text(40)}",
            "takes: {policy_id: moment}",
            "takes: {policy_id: moment}",
            "policy_id cannot stand in a path: only a single text",
        ),
        (
            "request: POST /policies/{policy}/claims",
            "request: GET /policies/{stay_id}",
            "request: GET /policies/{stay_id}",
            "check has this request already: nothing tells the two apart",
        ),
        ("status: 409", "status: 404", "lapsed:", "404 says unknown already: nothing tells lapsed"),
        ("status: 409", "status: 500", "lapsed:", "400, 402, 403, 404, 409, 410, 412 or 422"),
        ("lapsed:", "slow:", "slow:", "slow is a fault of every stub: choose another code"),
        ("lapsed:", "stay:", "Stay:", "the name Stay is taken twice"),
        (UNKNOWN, UNKNOWN.replace("is none", "was one"), "status: 410", "say the same"),
        ("Insurance.check", "Insurance.ask", "Insurance.ask", "there is no operation Insurance.a"),
        ("gives: {plan", "gives: {cover", "gives: {cover", "book takes no cover"),
        ("{plan: plan, d", "{plan: cover, d", "plan: cover", "check returns no cover; it returns"),
        ("{plan: plan, d", "{plan: days, d", "plan: days", "book takes plan of another type than"),
        ("{plan: plan, d", "{patient_id: plan, d", "patient_id: plan", "is the caller: it cannot"),
        (
            "returns: {plan: Plan, days: integer(1..9)}",
            "returns: {plan: Plan, days: integer(0..9)}",
            "gives: {plan",
            "days may be out of the bounds of days: let it have the same type",
        ),
        ("policy: policy_id}", "policy: number}", "policy: number", "no number in pay or Stay"),
        (", policy: policy_id}", "}", "Insurance.claim", "there is no policy in pay or Stay: say"),
        ("stay_id: id,", "stay_id: days,", "stay_id: days", "takes stay_id of another type"),
        ("stay_id: id,", "stay_id: id, costs: id,", "costs: id", "claim takes no costs"),
    ],
)
def test_a_fault_is_reported_with_its_line(old: str, new: str, sign: str, message: str) -> None:
    text = changed((old, new))
    assert line_of(text, sign) in fault_lines(text, message), faults(text)
