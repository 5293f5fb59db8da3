"""Generated code is laid out as `make format` would, and is so once more when it comes again."""

from pathlib import Path

from carafe.development.scaffold.formatting import formatted
from tests.support.places import ROOT

FILE = Path("chalicelib/contracts/queries.py")
USED = """\
from carafe.contracts.values import Cursor, Limit, ShownCursor, ShownId, ShownVersion

USED = (Cursor, Limit, ShownCursor, ShownId, ShownVersion)
"""
MORE = """\
from carafe.contracts.values import Cursor, Identifier, Limit, ShownCursor, ShownId, shown_as
"""


def test_imports_that_nothing_uses_do_not_break_a_line() -> None:
    head, body = USED.split("\n\n")
    again = f"{head}\n{MORE}\n{body}"
    assert formatted({FILE: again}, ROOT, compact=False) == {FILE: USED}
