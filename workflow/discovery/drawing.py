"""The model's pictures: exactly those that the code which it scaffolds will have."""

from pathlib import Path

from workflow.scaffold import pictures
from workflow.scaffold.parts import Scaffold
from workflow.scaffold.selection import add_everything
from workflow.scaffold.tree import Tree

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
