"""What Schemathesis checks beyond its own checks, and how it makes texts.

It imports this by name.
"""

import json
import re
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis import Case, CheckContext, HookContext, Response

from carafe.contracts.patterns import whole
from carafe.domain.requirements import PYTHON_TEXT_FORM, TEXT_FORM

# Refusals that no form of a request can keep off.
BY_A_RULE = {"command_mismatch", "invalid_value"}

# What the currency decides of an amount, such as the digits after its point, no schema tells.
BY_THE_CURRENCY = ("/amount", "/currency")

TEXT = whole(TEXT_FORM)
_IS_TEXT = re.compile(whole(PYTHON_TEXT_FORM))

# Hypothesis takes seconds for the pattern of texts, since it goes through each of the 270,000
# characters that this names, several times. It would do the same for `filter(_IS_TEXT.search)`.
TEXTS = strategies.text(
    strategies.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1
).filter(lambda text: _IS_TEXT.search(text) is not None)
schemathesis.openapi.format("printable-text", TEXTS)


@schemathesis.hook
def before_load_schema(_context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Have texts made quickly."""
    _make_quick(raw_schema)


def _make_quick(node: object) -> None:
    if isinstance(node, dict):
        if node.get("pattern") == TEXT:
            del node["pattern"]
            node["format"] = "printable-text"
        for each in node.values():
            _make_quick(each)
    elif isinstance(node, list):
        for each in node:
            _make_quick(each)


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
