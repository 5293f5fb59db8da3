"""The recipes, which lie in docs/site/pages/cookbook."""

import re

from . import ROOT

FOLDER = ROOT / "foundation/docs/site/pages/cookbook"

RECIPE = re.compile(r"^\| .+\]\((?P<page>[\w-]+\.md)\) \|$", re.MULTILINE)


def pages() -> list[str]:
    """Return the places in the site, as the table of the first one lists them."""
    table = (FOLDER / "index.md").read_text(encoding="utf-8")
    return ["cookbook/index.md", *(f"cookbook/{page}" for page in RECIPE.findall(table))]
