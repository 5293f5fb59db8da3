"""The diagrams of a model: the same ones that its scaffolded code will have."""

from pathlib import Path

from carafe.development.scaffold import pictures
from carafe.development.scaffold.memory import Memory
from carafe.development.scaffold.parts import Scaffold
from carafe.development.scaffold.selection import add_everything
from carafe.development.scaffold.tree import Tree

from .model import Model
from .planned import DIAGRAMS


def draw(model: Model, root: Path) -> dict[str, str]:
    """Return the diagrams of a model, by the names of their files.

    The model is scaffolded in a copy of the tree, and the diagrams are drawn from that code: so
    those agreed on in discovery are the ones of the finished code. In the copy, existing code that
    differs from the model is overwritten.

    Raises:
        NotDrawn: the model's code cannot be drawn.
    """
    tree = Tree(root, Memory.read(root))
    add_everything(Scaffold(model, tree))
    tree.remove_the_rest()
    with pictures.copy_with(root, tree.outcomes(), overwrite=True) as copy:
        documents = pictures.diagrams_of(copy)
    return {name: documents[name] for name in DIAGRAMS if name in documents}
