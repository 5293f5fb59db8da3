"""Whoever indents a model wrongly, or forgets a quote, is told where, and what to do."""

import pytest

from tests.support.loan_model import MODEL, edited, faults

ABOVE = "and the line above it: that lacks a `: `, or has a value already (mapping values are not"
TOGETHER = "what belongs together begins at one column (expected"


@pytest.mark.parametrize(
    ("old", "new", "sign", "column", "message"),
    [
        ("    events:", "   events:", "   events:", 4, f"of line 12: {TOGETHER} <block end>"),
        ("    events:", "     events:", "     events:", 6, f"of line 12: {TOGETHER} <block end>"),
        ("      book_id:", "     - book_id:", "state_note", 7, f"line 10: {TOGETHER} <block end>"),
        ("  Loan:\n", "  Loan\n", "    description:", 16, f"of line 6, {ABOVE} allowed here)"),
        ("context: l", "context:l", "enumerations:", 13, f"of line 2, {ABOVE} allowed here)"),
        (
            "    events:\n",
            "    events\n",
            "    events\n",
            5,
            "line 12 lacks its `:` (could not find",
        ),
        (
            "    events:",
            "\tevents:",
            "events:",
            1,
            "a tab stands there, and YAML knows no tabs: wr",
        ),
        ("shared: true", "shared:\ttrue", "shared:", 12, "no tabs: write spaces (found character"),
        ("hands of", "hands: of", "hands: of", 37, "a text with `: ` in it needs quotes (mapp"),
        (
            "[open, closed]",
            "[open, text(4)?]",
            "text(4)?",
            63,
            'inside braces, quote it: "text(4)?"',
        ),
        (
            "[book_id]}\n      L",
            "[book_id]\n      L",
            "LoanClosed:",
            7,
            "what line 13, column 19, opens",
        ),
        ("returns: one}", "returns: one}}", "one}}", 30, "the `}` has no counterpart: remove it"),
        ("text(40)?", "'text(40)?", "text(40)?", 19, "the quote that begins there is never closed"),
        ("text(40)?", "'text(40)' or no", "or no", 30, "text has ended before: put all in the"),
        ("text(40)?", "@text", "@text", 19, "put what begins with `@` in quotes (found char"),
        ("text(40)?", "*text", "*text", 19, "put what begins with `*` in quotes (found undef"),
    ],
)
def test_what_is_not_yaml_is_told_with_its_place_and_its_remedy(
    old: str, new: str, sign: str, column: int, message: str
) -> None:
    text = edited(MODEL, (old, new))
    ((line, told),) = faults(text)
    assert line == text.count("\n", 0, text.index(sign)) + 1, told
    assert told.startswith(f"not valid YAML at column {column}: "), told
    assert message in told
    assert told.endswith(")")
