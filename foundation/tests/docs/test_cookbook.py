"""Every recipe of the cookbook works as it stands on its page.

A recipe is a page of docs/site/pages/cookbook with these blocks, and no others:

- `yaml title="model.yaml"`: what it adds to the model of index.md. Mappings and lists are joined
  with what stands there; a text takes the place of another one.
- any language with a file as title: written by hand after `carafe scaffold`. A `diff` edits a file
  that was scaffolded; `@@` stands between two places (tests/support/tutorial.py).

To add one, write the page, and a line in the table of index.md, which is its place in the
navigation, too. All are tried in one service, as far as they can be: give what yours adds names of
its own. Those that say something else of the same thing, or write the same file, are tried in
another one.
RECIPES="expiry reaction" tries these alone.
"""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from carafe.development.discovery.model_warnings import warnings_of
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.servers.stack import Stack
from tests.support.commands import output_of
from tests.support.cookbook import (
    FOLDER,
    INDEX,
    Recipe,
    base,
    batches,
    differ,
    joined,
    model_of,
    recipes,
)
from tests.support.scaffolding import Service
from tests.support.tutorial import write

WANTED = os.environ.get("RECIPES", "").split()

RECIPES = [each for each in recipes() if not WANTED or each.name in WANTED]

by_name = pytest.mark.parametrize("recipe", RECIPES, ids=lambda each: each.name)
together = pytest.mark.parametrize(
    "batch", batches(RECIPES), ids=lambda batch: "-".join(each.name for each in batch)
)


@pytest.fixture(scope="module")
def rooms(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A new service of the index's context."""
    folder = tmp_path_factory.mktemp("cookbook") / "rooms"
    names = ("--name", "Meeting Rooms", "--context", base()["context"], "--port", "8130", "--yes")
    output_of(folder.parent, sys.executable, "-m", "carafe", "new", str(folder), *names)
    return Service(folder, json.dumps(stack.environment))


@by_name
def test_a_recipe_is_right_by_itself(recipe: Recipe) -> None:
    model = resolve(Source(model_of([recipe]), recipe.name))
    assert [message for _, message in warnings_of(model)] == []


@together
def test_what_recipes_add_is_a_service_that_works(
    rooms: Service, tmp_path: Path, batch: list[Recipe]
) -> None:
    service = rooms.clone(tmp_path / "rooms")
    (service.folder / "model.yaml").write_text(model_of(batch), encoding="utf-8")
    service.run("carafe", "scaffold")
    for block in (each for recipe in batch for each in recipe.by_hand):
        write(block, service.folder)
    service.commit()
    service.require_clean_code()
    service.run("ruff", "format", "--check", ".")
    service.run("pytest", "-q")
    assert not re.search("extended|wrote|left", service.run("carafe", "scaffold"))
    assert service.status() == ""


def test_every_recipe_is_in_the_table() -> None:
    listed = re.findall(
        r"^\| .+ \| \[.+\]\((.+)\.md\) \|$", (FOLDER / INDEX).read_text(), re.MULTILINE
    )
    assert sorted(listed) == [each.name for each in recipes()]


def test_what_cannot_be_said_in_one_model_is_tried_in_two() -> None:
    first, second, third = (
        Recipe(name, {"values": {"Time": text, "all": [name]}}, [])
        for name, text in (("first", "a"), ("second", "b"), ("third", "a"))
    )
    assert batches([first, second, third]) == [[first, third], [second]]
    assert joined(first.addition, third.addition)["values"]["all"] == ["first", "third"]
    assert differ(first.addition, second.addition)
