"""The model's pictures: exactly those that the code which it scaffolds will have."""

import shutil
import tempfile
from pathlib import Path

from workflow.scaffold.parts import Scaffold
from workflow.scaffold.pictures import draw
from workflow.scaffold.selection import add_everything
from workflow.scaffold.tree import Tree

from .model import Model

PICTURES = ("domain.md", "events.md", "behaviors.md")

# What a service's code consists of; nothing else is needed to draw it.
CODE = ("app.py", "pyproject.toml", ".env.example", "chalicelib", "workflow", "tests", ".chalice")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "deployments", "venv", ".local")


def drawn(model: Model, root: Path) -> dict[str, str]:
    """Return the pictures of a model, by the names of their files.

    The model is scaffolded in a copy of the tree, and drawn there from its code: so the pictures
    agreed on in discovery are the ones that the finished code has.

    Raises:
        NotDrawn: the code that the model stands for cannot be drawn.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for each in CODE:
            if (root / each).is_dir():
                shutil.copytree(root / each, copy / each, ignore=LEFT_OUT)
            else:
                shutil.copy2(root / each, copy / each)
        tree = Tree(copy)
        add_everything(Scaffold(model, tree))
        tree.write(tree.outcomes())
        draw(copy)
        return {each: (copy / "diagrams" / each).read_text("utf-8") for each in PICTURES}
