"""What generated code leaves to a person is found, wherever it stands."""

from pathlib import Path

from carafe.development.scaffold.outcomes import Outcome
from carafe.development.scaffold.todos import todos_of

CODE = '''"""It is no TODO."""

# TODO: decide
NAME = "# TODO: a text"  # TODO: decide this as well
# The TODO above.
'''


def test_every_comment_that_asks_for_a_decision_is_found_with_its_line() -> None:
    outcomes = [Outcome(Path("z.py"), "new", CODE), Outcome(Path("a/b.py"), "same", "# TODO: x\n")]
    assert todos_of(outcomes) == ["a/b.py:1", "z.py:3", "z.py:4"]


def test_what_is_not_there_or_no_code_asks_for_nothing() -> None:
    outcomes = [
        Outcome(Path("left.py"), "left", CODE),
        Outcome(Path("removed.py"), "removed", CODE),
        Outcome(Path("diagrams/domain.md"), "new", "# TODO: a heading\n"),
    ]
    assert todos_of(outcomes) == []
