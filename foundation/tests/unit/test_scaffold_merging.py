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


def test_the_docstring_of_an_assignment_belongs_to_it() -> None:
    first, second, third = (
        f'{name} = 1\n"""It is {name}."""\n' for name in ("FIRST", "SECOND", "LAST")
    )
    ours = third.replace("It is", "We call it")
    text = merged(first + third, first + ours, first + second + third)
    assert laid_out(text) == laid_out(first + second + ours)
    assert laid_out(
        merged(first + second + third, first + second + ours, first + third)
    ) == laid_out(first + ours)


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


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "both"),
    [
        # A comment does not swallow what follows it.
        ("f(a)", "f(a)  # why", "f(a).g()", "f(a).g()  # why"),
        (
            "f(a, b)",
            "f(\n    a,  # why\n    b,\n)",
            "f(a, c, b)",
            "f(\n    a, c,  # why\n    b,\n)",
        ),
        ("f(a)", "f(\n    a,  # why\n)", "f(a, c)", "f(\n    a,  # why\n c\n)"),
        # Words do not run together.
        ("f(a, b)", "f(a, b, c)", "f(not a, b)", "f(not a, b, c)"),
        # An element stands once, and an extended element before those added after it.
        ("f()", "f(a=1)", "f(a=1, b=2)", "f(a=1, b=2)"),
        ("[a]", "[a, b]", "[a - c]", "[a - c, b]"),
        ("f(a)", "f(g(a))", "f(a, c)", "f(g(a), c)"),
        # A tuple of one element remains one.
        ("f((), a)", "f((), b)", "f((c,), a)", "f((c,), b)"),
        ("f((a), b)", "f((a), c)", "f((a,), b)", "f((a,), c)"),
        # A formatted string is one value.
        ('f(f"{a}", b)', 'f(f"{a}{{c}}", b)', 'f(f"{a}", d)', 'f(f"{a}{{c}}", d)'),
    ],
)
def test_changes_of_one_line_are_merged(base: str, ours: str, theirs: str, both: str) -> None:
    texts = [f"x = {each}\n" for each in (base, ours, theirs, both)]
    assert merged(*texts[:3]) == texts[3]


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("return a", "return a and b", "return a or c"),
        ("return f(a)", "return f(a + b)", "return f(a - c)"),
        ("return f(a)", "return f(a[0])", "return f(a(1))"),
        ("return f()", "return f(a=1)", "return f(a=2)"),
        ("return {}", "return {a: 1}", "return {a: 2}"),
        ('return f"{a}"', 'return f"{a}{b}"', 'return f"{a}-{c}"'),
        ("go()", "go()\n    if a:\n        b()", "go()\n    if a:\n        c()"),
    ],
)
def test_what_cannot_stand_side_by_side_is_a_conflict(base: str, ours: str, theirs: str) -> None:
    texts = [f"def f():\n    {each}\n" for each in (base, ours, theirs)]
    assert merged(*texts) == texts[1]
    assert merged(*texts, overwriting=True) == texts[2]


def test_lines_that_both_added_stand_once_and_in_their_blocks() -> None:
    base = "def f():\n    if a:\n        b()\n"
    own, other = f"{base}    else:\n        c()\n", f"{base}        d()\n"
    assert merged(base, own, other) == merged(base, other, own)
    assert merged(base, own, other) == f"{base}        d()\n    else:\n        c()\n"
    assert merged(base, other, f"{other}        e()\n") == f"{other}        e()\n"


def test_imports_under_a_condition_or_at_the_end_stay_there() -> None:
    conditional = edited(
        (
            "from datetime import datetime\n",
            "if TYPE_CHECKING:\n    from datetime import datetime\n",
        )
    )
    assert merged(BASE, conditional, edited(ROUTE)).count("import datetime") == 1
    late = f"{BASE}\n\nfrom .late import Late\n"
    text = merged(BASE, late, edited(IMPORT, ("title: str", "title: Renewal")))
    assert text.index("import Renewal") < text.index("class Loan")


def test_comments_at_the_end_of_a_block_belong_to_it() -> None:
    present = edited(("occurred_at=at))\n", "occurred_at=at))\n\n        # self.tell()\n"))
    text = merged(BASE, present, edited(METHOD))
    assert text.index("occurred_at") < text.index("# self.tell()") < text.index("def renew")
    without = edited((BASE[BASE.index("    def close") : BASE.index("\n\nclass LoanC")], ""))
    assert merged(BASE, present, without) == present


def test_a_function_that_became_asynchronous_is_found_again() -> None:
    present = "async def f():\n    go()\n"
    assert merged("def f():\n    go()\n", present, "def f():\n    go(1)\n") == (
        "async def f():\n    go(1)\n"
    )
