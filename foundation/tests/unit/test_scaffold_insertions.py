"""Insertions into shared files: recognised, inserted once, merged and removed."""

import re
from pathlib import Path

import pytest

from carafe.development.scaffold.definition_insertions import Definition, Member
from carafe.development.scaffold.element_insertions import (
    Argument,
    ArgumentElement,
    DescribedAttribute,
    Element,
    Handlers,
    Variable,
)
from carafe.development.scaffold.memory import FILE, AnyInsertion, BrokenMemory, Memory

CODE = '''\
"""Of a service."""

SCOPES = frozenset({READ})
service = Service("desk", repositories={Book: "kept:Books"})


class Settings(Base):
    """The settings.

    Attributes:
        post_url: where the post is.
    """

    post_url: str


def handlers(service):
    """Return the handlers."""
    from .books import BookCommands

    return Handlers(commands=[BookCommands(service.repository(Book)).handlers()])
'''
ENVIRONMENT = "# The port.\nPORT=8000\n"

INSERTIONS: list[AnyInsertion] = [
    Definition('WRITE = "write"', before="SCOPES"),
    Definition("class Loan:\n    id: str"),
    Definition("Title = Annotated[str, 1]", before_classes=True),
    Member("bank_url: str = ''", owner="Settings"),
    Member("def read(self) -> None:\n    pass", owner="Settings"),
    Element("WRITE", container="SCOPES"),
    Argument("SENT", call="Service", name="sent"),
    ArgumentElement('Loan: "kept:Loans"', call="Service", argument="repositories"),
    ArgumentElement('Bank: "bank:bank"', call="Service", argument="adapters"),
    DescribedAttribute("bank_url: where the bank is.", owner="Settings"),
    Handlers(
        "repository(Loan), now",
        call="Handlers",
        argument="commands",
        name="LoanCommands",
        module=".loans.commands",
    ),
    Variable("# The bank.\nBANK_URL=http://127.0.0.1:1", name="BANK_URL"),
]


@pytest.mark.parametrize("insertion", INSERTIONS, ids=lambda each: each.key)
def test_it_is_inserted_recognised_and_removed(insertion: AnyInsertion) -> None:
    text = ENVIRONMENT if isinstance(insertion, Variable) else CODE
    assert not insertion.is_in(text)
    extended = insertion.insert(text)
    assert insertion.is_in(extended)
    assert insertion.insert(extended) == extended or isinstance(insertion, (Handlers, Variable))
    assert insertion.merge(insertion, extended) == extended
    removed = insertion.remove(extended)
    assert not insertion.is_in(removed)
    assert set(re.findall(r"\w+", removed)) >= set(re.findall(r"\w+", text))
    assert insertion.remove(text) == text


def test_handlers_with_ports_of_their_own_are_recognised() -> None:
    (handlers,) = (each for each in INSERTIONS if isinstance(each, Handlers))
    edited = handlers.insert(CODE).replace("(Loan), now)", "(Loan), now, post)")
    assert handlers.is_in(edited)
    assert handlers.merge(None, edited) == edited


def test_an_argument_that_people_gave_another_value_stays() -> None:
    argument = Argument("SENT", call="Service", name="sent")
    edited = argument.insert(CODE).replace("sent=SENT", "sent={**SENT, **OURS}")
    assert argument.is_in(edited)
    assert argument.insert(edited) == edited
    assert argument.remove(edited) == edited


def test_a_definition_that_people_edited_is_not_removed() -> None:
    definition = Definition("class Loan:\n    id: str")
    edited = definition.insert(CODE).replace("    id: str", "    id: str\n    note: str")
    assert definition.remove(edited) == edited
    assert "class Loan" not in definition.remove(edited, overwriting=True)


def test_a_changed_definition_is_merged_with_edits() -> None:
    base = Definition("class Loan:\n    id: str\n    at: int")
    edited = base.insert(CODE).replace("    id: str", "    id: str  # ours")
    new = Definition("class Loan:\n    id: str\n    at: float")
    merged = new.merge(base, edited)
    assert "id: str  # ours" in merged
    assert "at: float" in merged
    assert new.merge(None, edited) == edited


def test_what_is_remembered_is_read_again(tmp_path: Path) -> None:
    assert Memory.read(tmp_path) == Memory()
    insertions = sorted(INSERTIONS, key=lambda each: each.key)
    memory = Memory({"context": "desk"}, {"a.py": "A = 1\n"}, {"b.py": insertions})
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(memory.text())
    assert Memory.read(tmp_path) == memory


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", '{"files": 1}', "<<<<<<< ours"),
        '{"files": {"a.py": "def f(:"}}',
        '{"insertions": {"a.py": [{"type": "Definition", "text": ""}]}}',
        '{"insertions": {"a.py": [{"type": "Definition", "text": "f("}]}}',
    ],
)
def test_a_broken_memory_is_refused_with_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(content)
    with pytest.raises(BrokenMemory, match="restore it from git, or delete it"):
        Memory.read(tmp_path)
