"""What is no more, and what speaks of it."""

import ast
import re
from dataclasses import dataclass, field


@dataclass
class Gone:
    """What is no more.

    Attributes:
        modules: dotted names; what lies within a package is gone with it.
        names: of modules that stay: what they defined.
        attributes: names of attributes that no object has any more.
        texts: string literals that nothing may mention, such as the name of a setting.
        spoken: what tests that speak of it are known by.
    """

    modules: set[str]
    names: dict[str, set[str]] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    spoken: re.Pattern[str] = re.compile(r"(?!)")

    def has_module(self, name: str) -> bool:
        """Tell whether a module, or a package around it, is gone."""
        return any(name == each or name.startswith(f"{each}.") for each in self.modules)

    def fixtures(self) -> set[str]:
        """Return the fixtures that every test could ask for, and that are gone."""
        shared = [names for name, names in self.names.items() if name.endswith("conftest")]
        return set().union(*shared)

    def size(self) -> int:
        """Return how much is gone, to see whether it became more."""
        return len(self.attributes) + sum(map(len, self.names.values()))

    def imported(self, node: ast.ImportFrom, package: list[str]) -> dict[str, str]:
        """Return what an import takes from what is gone: names, and what they are called here."""
        above = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*above, node.module or ""]).rstrip(".")
        known = self.names.get(base, set())
        return {
            each.name: each.asname or each.name
            for each in node.names
            if self.has_module(base) or self.has_module(f"{base}.{each.name}") or each.name in known
        }
