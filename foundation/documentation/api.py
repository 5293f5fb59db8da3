"""The reference of the public API: the names of the public surface, with their docstrings."""

from collections import defaultdict
from collections.abc import Mapping

from release.document import surface_of

from . import ROOT

FOLDER = "reference/api/"

TITLES: Mapping[str, str] = {"carafe": "Declaring a service"}
"""Of the parts of the foundation that are not titled by their names."""


def pages() -> dict[str, str]:
    """Return the page of each part of the foundation, by its place in the site."""
    parts = defaultdict(list)
    for module, names in surface_of(ROOT).names.items():
        parts[".".join(module.split(".")[:2])].append((module, names))
    return {
        f"{FOLDER}{part.rpartition('.')[2]}.md": _page(TITLES.get(part, part), modules)
        for part, modules in parts.items()
    }


def _page(title: str, modules: list[tuple[str, tuple[str, ...]]]) -> str:
    lines = [f"# {title}", ""]
    for module, names in modules:
        lines += [f"## {module}", ""]
        for name in names:
            lines += [f"::: {module}.{name}", ""]
    return "\n".join(lines)
