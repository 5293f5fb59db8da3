"""A command is imported when it is named, and not before."""

import sys

import click
import pytest

from carafe.development.cli import PLACES, main
from carafe.development.late_commands import LateCommands
from tests.support.commands import output_of
from tests.support.places import ROOT

LOADED = """
import sys
from carafe.development.cli import PLACES, main
from carafe.development.late_commands import LateCommands
main(sys.argv[1:], standalone_mode=False)
print(*sorted({each for each in PLACES.values() if f"carafe.development.{each}" in sys.modules}))
"""

UNNEEDED = """
import sys
from carafe.development.cli import main
main(sys.argv[2:], standalone_mode=False)
unneeded = tuple(sys.argv[1].split())
print([each for each in sys.modules if each.startswith(unneeded)])
"""
GENERATOR = "carafe.development.scaffold jsonschema"
DRIVERS = "pymongo.synchronous pika chalice"
SHELF = ("aggregate", "Shelf", "--attribute", "room=text(40)")


@pytest.mark.parametrize("name", PLACES)
def test_a_command_is_found_where_its_name_leads(name: str) -> None:
    assert main.commands[name].name == name


def test_all_are_listed_in_the_order_of_their_names() -> None:
    with click.Context(main) as context:
        assert main.list_commands(context) == sorted(PLACES)


def test_a_command_that_is_added_is_found_as_well() -> None:
    group = click.Group(commands=LateCommands(PLACES))
    added = click.Command("lend")
    group.add_command(added)
    assert group.commands["lend"] is added
    assert "lend" in group.commands
    del group.commands["lend"]
    assert len(group.commands) == len(PLACES)


def test_one_command_imports_no_other() -> None:
    loaded = output_of(ROOT, sys.executable, "-c", LOADED, "page", "01").splitlines()[-1]
    assert loaded == "pages.command"


def test_the_functions_of_make_run_start_without_boto3() -> None:
    """It takes a third of their start, and they call SQS by a client of their own."""
    loaded = "import sys, carafe.development.functions; print('boto3' in sys.modules)"
    assert output_of(ROOT, sys.executable, "-c", loaded) == "False\n"


@pytest.mark.parametrize("words", [("diagrams", "--check"), ("verify", "05", "--offline")])
def test_the_code_is_drawn_without_the_generator(words: tuple[str, ...]) -> None:
    """It takes longer to import than all diagrams to draw; a planned service alone needs it."""
    loaded = output_of(ROOT, sys.executable, "-c", UNNEEDED, GENERATOR, *words).splitlines()[-1]
    assert loaded == "[]"


@pytest.mark.parametrize("words", [("page", "01"), ("scaffold", *SHELF, "--dry-run")])
def test_what_loads_no_service_starts_without_drivers(words: tuple[str, ...]) -> None:
    loaded = output_of(ROOT, sys.executable, "-c", UNNEEDED, DRIVERS, *words).splitlines()[-1]
    assert loaded == "[]"
