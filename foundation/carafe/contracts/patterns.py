"""Patterns of texts in contracts."""

END = r"$(?!\n)"
"""The end of a text, in Python as in ECMA-262, the dialect of OpenAPI and AsyncAPI.

In Python, `$` alone also matches before a last newline; ECMA-262 has no `\\Z`.
"""


def whole(form: str) -> str:
    """Return the pattern of texts that have a form from their first character to their last.

    Args:
        form: a regular expression without anchors.
    """
    return f"^(?:{form}){END}" if "|" in form else f"^{form}{END}"
