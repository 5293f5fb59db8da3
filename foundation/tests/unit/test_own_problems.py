"""A service's own errors are answered, and documented, as it declares."""

from typing import Any

import pytest

from carafe.api.endpoints import Endpoints, Operation
from carafe.api.openapi import openapi_document
from carafe.api.problems import Problems
from carafe.contracts.base import Command
from carafe.contracts.problem import ProblemType
from carafe.domain.errors import DomainError, RuleBroken
from carafe.infrastructure.errors import ServiceUnavailable


class FeeDue(DomainError):
    """Somebody owes the library something."""

    code = "fee_due"


class LateFeeDue(FeeDue):
    """The same, for a certain reason."""

    code = "late_fee_due"


class LoanRunsAlready(RuleBroken):
    """A rule, which has an answer of its own all the same."""

    code = "loan_runs_already"


class NotForeseen(Exception):
    """Nobody declares it."""


FEE_DUE = ProblemType(FeeDue, 402, "A fee is due", "Pay the fee of 2 euros first.")
RUNS_ALREADY = ProblemType(LoanRunsAlready, 423, "The loan runs already", "Wait until it ends.")
OWN = Problems([FEE_DUE, RUNS_ALREADY])


@pytest.mark.parametrize(
    ("error", "status", "title", "code"),
    [
        (FeeDue("It is 2 euros."), 402, "A fee is due", "fee_due"),
        (LateFeeDue("It is 2 euros."), 402, "A fee is due", "late_fee_due"),
        (LoanRunsAlready("Until May."), 423, "The loan runs already", "loan_runs_already"),
        (RuleBroken("Of another kind."), 409, "The state does not allow this", "rule_broken"),
    ],
)
def test_an_own_error_is_answered_as_declared(
    error: DomainError, status: int, title: str, code: str
) -> None:
    problem = OWN.of(error, "request-42")
    assert (problem.status, problem.title, problem.code) == (status, title, code)
    assert problem.detail == str(error)
    assert problem.correlation_id == "request-42"


def test_an_own_error_is_known_when_it_comes_wrapped() -> None:
    wrapped = RuntimeError("a handler's")
    wrapped.__cause__ = FeeDue("It is 2 euros.")
    assert OWN.of(wrapped, "request-42").status == 402


def test_what_one_service_declares_is_unknown_to_another() -> None:
    assert Problems().of(FeeDue("It is 2 euros."), "request-42").status == 500
    assert Problems().of(LoanRunsAlready("Until May."), "request-42").status == 409


class RequestLoan(Command, frozen=True):
    """Borrow something."""

    wire_name = "loan.request"
    scope = "loans:write"
    item: str


def _operation(*problems: type[Exception]) -> Operation:
    loans = Endpoints("Loans")
    loans.command("POST", "/loans", RequestLoan, creates=True, problems=problems)
    return loans.operations[0]


def _answers(own: Problems, *problems: type[Exception]) -> dict[str, Any]:
    document = openapi_document([_operation(*problems)], own, "Lending", "1.0.0")
    answers: dict[str, Any] = document["paths"]["/loans"]["post"]["responses"]
    return answers


def _example(answer: dict[str, Any]) -> dict[str, Any]:
    example: dict[str, Any] = answer["content"]["application/problem+json"]["example"]
    return example


def test_an_own_problem_stands_in_the_document_of_those_operations_that_have_it() -> None:
    answer = _answers(OWN, FeeDue)["402"]
    assert answer["description"] == "A fee is due"
    assert _example(answer) == {
        "title": "A fee is due",
        "status": 402,
        "detail": "Pay the fee of 2 euros first.",
        "code": "fee_due",
        "correlation_id": "request-42",
    }
    assert _answers(OWN).keys() == _answers(OWN, FeeDue).keys() - {"402"}


def test_an_own_problem_takes_the_place_of_the_usual_one_of_its_status() -> None:
    conflict = ProblemType(LoanRunsAlready, 409, "The loan runs already", "Wait until it ends.")
    usual = _answers(Problems())["409"]
    own = _answers(Problems([conflict]), LoanRunsAlready)["409"]
    assert usual["description"] == "The state does not allow this"
    assert own["description"] == "The loan runs already"
    assert _example(own)["code"] == "loan_runs_already"


def test_an_error_of_every_service_can_be_declared_as_well() -> None:
    answer = _answers(Problems(), ServiceUnavailable)["502"]
    assert _example(answer)["code"] == ServiceUnavailable.code


def test_an_error_that_nobody_answers_is_refused() -> None:
    with pytest.raises(ValueError, match="/loans declares NotForeseen, which nobody answers"):
        _answers(OWN, NotForeseen)
