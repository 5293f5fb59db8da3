"""What the generator changed is merged with what people changed, definition by definition."""

import pytest

from carafe.development.scaffold.definitions import merged

BASE = '''\
"""A loan."""

from datetime import datetime

LONGEST_TITLE = 200


class Loan(Root):
    """A loan."""

    title: str
    due_at: datetime

    def close(self, *, at: datetime) -> None:
        """Close it."""
        self._require_status(Status.OPEN)
        self.record(LoanClosed(loan_id=self.id, occurred_at=at))


class LoanCommands(Struct):
    """Its handlers."""

    loans: Repository

    def handlers(self) -> Mapping:
        """Return the handlers."""
        return {CloseLoan: self.close}


endpoints.command("POST", "/loans", LendBook)
'''

ATTRIBUTE = ("    due_at: datetime\n", "    due_at: datetime\n    colour: str\n")
METHOD = ("\n\nclass LoanC", "\n    def renew(self) -> None:\n        pass\n\n\nclass LoanC")
TOLD = ("occurred_at=at", "colour=self.colour, occurred_at=at")
ENTRY = ("CloseLoan: self.close", "CloseLoan: self.close, RenewLoan: self.renew")
ROUTE = ("LendBook)\n", 'LendBook)\nendpoints.command("PUT", "/loans/{id}", RenewLoan)\n')
IMPORT = ("import datetime\n", "import datetime\n\nfrom .renewal import Renewal\n")

RULE = (
    "        self.record(",
    "        if at > self.due_at:\n            raise Late\n        self.record(",
)
PORT = ("    loans: Repository\n", "    loans: Repository\n    letters: Letters\n")
OWN_ENTRY = ("CloseLoan: self.close", "CloseLoan: self.close, PayFine: self.pay")
OWN_METHOD = ("    def close", "    def fine(self) -> int:\n        return 1\n\n    def close")
COMMENT = ("    title: str\n", "    title: str  # as on its cover\n")
MOVED = ("LONGEST_TITLE = 200\n\n\n", "")


def edited(*edits: tuple[str, str], text: str = BASE) -> str:
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("own", "generated"),
    [
        ([RULE], [TOLD]),
        ([RULE], [ATTRIBUTE, TOLD]),
        ([PORT], [ENTRY]),
        ([PORT, OWN_ENTRY], [ATTRIBUTE, METHOD]),
        ([OWN_METHOD], [METHOD]),
        ([OWN_METHOD], [ROUTE]),
        ([COMMENT], [ATTRIBUTE]),
        ([RULE, PORT, COMMENT], [ATTRIBUTE, METHOD, TOLD, ENTRY, ROUTE]),
    ],
)
def test_changes_in_different_places_are_merged(
    own: list[tuple[str, str]], generated: list[tuple[str, str]]
) -> None:
    present, new = edited(*own), edited(*generated)
    both = edited(*own, text=new)
    assert laid_out(merged(BASE, present, new)) == laid_out(both)
    assert merged(BASE, present, new, overwriting=True) == merged(BASE, present, new)


def laid_out(text: str) -> list[str]:
    return [row for row in text.splitlines() if row.strip()]


def test_elements_that_both_added_stand_beside_each_other() -> None:
    text = merged(BASE, edited(OWN_ENTRY), edited(ENTRY))
    assert "{CloseLoan: self.close, PayFine: self.pay, RenewLoan: self.renew}" in text
    empty = BASE.replace("CloseLoan: self.close", "")
    one, other = empty.replace("{}", "{A: self.a}"), empty.replace("{}", "{B: self.b}")
    assert "{A: self.a,B: self.b}" in merged(empty, one, other)


def test_layout_and_quotes_are_no_changes() -> None:
    present = edited(
        ("loan_id=self.id, occurred_at=at", "\n    loan_id=self.id,\n    occurred_at=at,\n"),
        ('"/loans"', "'/loans'"),
    )
    assert merged(BASE, present, BASE) == present
    assert laid_out(merged(BASE, present, edited(TOLD))) == laid_out(
        edited(TOLD).replace('"/loans"', "'/loans'")
    )


def test_what_both_changed_is_left_unless_it_is_overwritten() -> None:
    present = edited(("Status.OPEN", "Status.OPEN, Status.LATE"), COMMENT)
    new = edited(("_require_status(Status.OPEN)", "_require(Status.LENT)"), METHOD)
    kept = merged(BASE, present, new)
    assert "Status.OPEN, Status.LATE" in kept
    assert "def renew" in kept
    overwritten = merged(BASE, present, new, overwriting=True)
    assert "_require(Status.LENT)" in overwritten
    assert "# as on its cover" in overwritten


def test_what_people_removed_does_not_come_back() -> None:
    removal = ("    due_at: datetime\n", "")
    text = merged(BASE, edited(removal, MOVED), edited(METHOD))
    assert laid_out(text) == laid_out(edited(removal, MOVED, METHOD))


def test_what_the_generator_no_longer_writes_goes_unless_it_was_edited() -> None:
    new = edited(("    title: str\n", ""))
    assert merged(BASE, BASE, new) == new
    assert merged(BASE, edited(COMMENT), new) == edited(COMMENT)
    assert "# as on" not in merged(BASE, edited(COMMENT), new, overwriting=True)


def test_without_a_base_only_what_is_missing_is_added() -> None:
    new = edited(METHOD, TOLD, ROUTE)
    text = merged(None, BASE, new)
    assert text.replace("\n", "") == edited(METHOD, ROUTE).replace("\n", "")
    assert "colour=self.colour" in merged(None, BASE, new, overwriting=True)


def test_imports_follow_what_is_used() -> None:
    new = edited(IMPORT, ("    title: str\n", "    title: Renewal\n"))
    assert "from .renewal import Renewal" in merged(BASE, edited(RULE), new)
    assert "renewal" not in merged(BASE, edited(RULE), edited(IMPORT))


def test_what_comes_first_in_a_module_stands_below_its_imports() -> None:
    new = edited(("LONGEST_TITLE = 200", "SHORTEST_NAME = 1\nLONGEST_TITLE = 200"))
    text = merged(BASE, edited(RULE), new)
    assert text.index("import datetime") < text.index("SHORTEST_NAME") < text.index("LONGEST_TITLE")


def test_what_is_inserted_stays_where_the_next_row_changes() -> None:
    new = edited(
        ("    title: str\n", "    title: str\n    colour: str\n"),
        ("due_at: datetime\n", "due_at: str\n"),
    )
    text = merged(BASE, edited(RULE), new)
    assert "    title: str\n    colour: str\n    due_at: str\n" in text
