"""The model's pictures: exactly those that the code which it scaffolds will have."""

from pathlib import Path

from carafe.development.scaffold import pictures
from carafe.development.scaffold.parts import Scaffold
from carafe.development.scaffold.selection import add_everything
from carafe.development.scaffold.tree import Tree

from .model import Model

PICTURES = ("domain.md", "events.md", "behaviors.md")


def drawn(model: Model, root: Path) -> dict[str, str]:
    """Return the pictures of a model, by the names of their files.

    The model is scaffolded in a copy of the tree, and drawn there from its code: so the pictures
    agreed on in discovery are the ones that the finished code has. Code of before that the model
    says otherwise by now is written over in the copy.

    Raises:
        NotDrawn: the code that the model stands for cannot be drawn.
    """
    tree = Tree(root)
    add_everything(Scaffold(model, tree))
    found = pictures.drawn(root, tree.outcomes(), over=True)
    return {each: found[each] for each in PICTURES}
