"""What Schemathesis checks beyond its own checks; it imports this by name."""

import json
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response

# Refusals that no form of a request can keep off.
BY_A_RULE = {"command_mismatch", "invalid_value"}

# What the currency decides of an amount, such as the digits after its point, no schema tells.
BY_THE_CURRENCY = ("/amount", "/currency")


@schemathesis.check
def right_form_is_understood(_context: CheckContext, response: Response, case: Case[Any]) -> None:
    """Fail when a request that fits the document is refused for its form."""
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    if not positive or response.status_code != 422:
        return
    problem = json.loads(response.content)
    if problem["code"] not in BY_A_RULE:
        pointers = [each["pointer"] for each in problem["errors"]]
        assert all(each.endswith(BY_THE_CURRENCY) for each in pointers), problem
