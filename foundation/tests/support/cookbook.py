"""The recipes of the cookbook, and the services they are tried in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .places import FOUNDATION
from .tutorial import Block, blocks_of

FOLDER = FOUNDATION / "docs/site/pages/cookbook"

INDEX = "index.md"
MODEL = "model.yaml"

Tree = Mapping[str, Any]


@dataclass(frozen=True)
class Recipe:
    """What a page says.

    Attributes:
        name: of the page.
        addition: to the model of the index.
        by_hand: files that are written, or edited, after scaffolding.
    """

    name: str
    addition: Tree
    by_hand: Sequence[Block]

    @classmethod
    def of(cls, page: Path) -> "Recipe":
        """Read a page."""
        blocks = list(blocks_of(page.read_text(encoding="utf-8")))
        addition: Tree = {}
        for each in blocks:
            if each.title == MODEL:
                addition = joined(addition, yaml.safe_load(each.text))
        return cls(page.stem, addition, [each for each in blocks if each.title != MODEL])

    def conflicts_with(self, other: "Recipe") -> bool:
        """Return whether both say something else of the same thing, or write the same file."""
        files = {each.title for each in self.by_hand} & {each.title for each in other.by_hand}
        return bool(files) or differ(self.addition, other.addition)


def base() -> Tree:
    """Return the model that the recipes extend."""
    return Recipe.of(FOLDER / INDEX).addition


def recipes() -> list[Recipe]:
    """Return every recipe."""
    return [Recipe.of(page) for page in sorted(FOLDER.glob("*.md")) if page.name != INDEX]


def batches(recipes: Iterable[Recipe]) -> list[list[Recipe]]:
    """Return recipes that can be tried in one service, together, as few services as that takes."""
    found: list[list[Recipe]] = []
    for recipe in recipes:
        for batch in found:
            if not any(map(recipe.conflicts_with, batch)):
                batch.append(recipe)
                break
        else:
            found.append([recipe])
    return found


def joined(first: Tree, second: Tree) -> Tree:
    """Return a tree with what another one adds, in mappings and lists alike."""
    return {**first, **{key: _sum(first.get(key), value) for key, value in second.items()}}


def model_of(recipes: Iterable[Recipe]) -> str:
    """Return the model of a service in which recipes are tried."""
    model = base()
    for recipe in recipes:
        model = joined(model, recipe.addition)
    return yaml.safe_dump(model, sort_keys=False, allow_unicode=True)


def differ(first: Tree, second: Tree) -> bool:
    """Return whether two trees say something else in the same place."""
    shared = first.keys() & second.keys()
    return any(_cannot_be_joined(first[key], second[key]) for key in shared)


def _sum(first: object, second: object) -> object:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return joined(first, second)
    if isinstance(first, list) and isinstance(second, list):
        return [*first, *(each for each in second if each not in first)]
    return second


def _cannot_be_joined(first: object, second: object) -> bool:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return differ(first, second)
    return first != second and not (isinstance(first, list) and isinstance(second, list))
