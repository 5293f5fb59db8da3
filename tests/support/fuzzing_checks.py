"""What Schemathesis checks beyond its own checks; it imports this by name."""

import json

import schemathesis
from schemathesis import Case, CheckContext, Response

# Refusals that no form of a request can keep off.
BY_A_RULE = {"command_mismatch", "invalid_value"}


@schemathesis.check
def right_form_is_understood(_context: CheckContext, response: Response, case: Case) -> None:
    """Fail when a request that fits the document is refused for its form."""
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    if positive and response.status_code == 422:
        problem = json.loads(response.content)
        assert problem["code"] in BY_A_RULE, problem
