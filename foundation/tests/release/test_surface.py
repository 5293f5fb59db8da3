"""A public name that is missing, or lacks its docstring or a type, is told."""

from pathlib import Path

import pytest

from release.document import Surface
from release.surface import Code

CODE = '''
"""A library."""

class Base:
    """What is inherited."""
    def renew(self, days: int) -> int:
        """Renew it."""
        return days

class Loan(Base):
    """A loan."""
    def __init__(self, book: str) -> None: ...
    def renew(self, days: int) -> int:
        return days
    def test_it(self) -> None: ...

def lend(book: str, *others: str) -> Loan:
    """Lend it."""
    return Loan()
'''


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("", "", ""),
        ("def lend(", "def borrow(", "carafe.lend is public, and does not exist"),
        ('    """Lend it."""\n', "", "carafe.lend is public, and has no docstring"),
        ("book: str, *", "book, *", "carafe.lend is public, and book has no type"),
        ("*others: str", "*others", "carafe.lend is public, and others has no type"),
        (" -> Loan", "", "carafe.lend is public, and its result has no type"),
        ('        """Renew it."""\n', "", "carafe.Loan.renew is public, and has no docstring"),
        (
            "__init__(self, book: str)",
            "__init__(self, book)",
            "carafe.Loan.__init__ is public, and book has no type",
        ),
    ],
)
def test_what_lacks_something_is_told(tree: Path, old: str, new: str, fault: str) -> None:
    (tree / "foundation/carafe").mkdir(parents=True)
    (tree / "foundation/carafe/__init__.py").write_text(CODE.replace(old, new) if old else CODE)
    assert Code(tree).faults(Surface({"carafe": ("Loan", "lend")}, {})) == (
        [fault] if fault else []
    )
