"""A small model whose commands call an external service, for the tests of the language."""

from .loan_model import edited, faults

MODEL = """\
context: lending
enumerations:
  Plan: {description: How somebody is insured, values: [basic, full]}
aggregates:
  Stay:
    description: Somebody is in a hospital
    owner: patient_id
    attributes:
      patient_id: identifier
      policy_id: text(40)
      plan: Plan
      days: integer(1..9)?
      claim_id: identifier?
    events:
      StayBooked: {description: It will be, tells: [policy_id, plan]}
      StayPaid: {description: It was paid, tells: [claim_id]}
    behaviors:
      book:
        description: Begin
        creates: true
        takes: [patient_id, policy_id, plan, days: "integer(1..9)?"]
        records: StayBooked
      pay: {description: Pay, takes: [claim_id], records: StayPaid}
    commands:
      BookStay:
        behavior: book
        calls:
          operation: Insurance.check
          gives: {plan: plan, days: days}
      PayStay:
        behavior: pay
        calls:
          operation: Insurance.claim
          with: {stay_id: id, policy: policy_id}
          gives: {claim_id: number}
external_services:
  Insurance:
    description: Knows who is insured
    operations:
      check:
        description: Ask
        request: GET /policies/{policy_id}
        takes: {policy_id: text(40)}
        returns: {plan: Plan, days: integer(1..9)}
        refusals:
          unknown: {description: There is none, status: 404}
          lapsed: {description: It has lapsed, status: 409}
      claim:
        description: Claim
        request: POST /policies/{policy}/claims
        takes: {policy: text(40), stay_id: identifier, remark: "text(9)?"}
        returns: {number: identifier}
        refusals:
          unknown: {description: There is none, status: 410}
"""


def changed(*edits: tuple[str, str]) -> str:
    """Return the model with texts replaced that stand in it once."""
    return edited(MODEL, *edits)


def fault_lines(text: str, message: str) -> list[int]:
    """Return the lines of a model's faults with a message."""
    return [line for line, fault in faults(text) if message in fault]
