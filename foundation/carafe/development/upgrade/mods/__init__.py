"""Code mods: what an upgrade changes in a service's code, for each announced breaking change.

A mod is a function over the tree. It needs the standard library and the foundation alone, changes
only what it understands, and changes nothing when it is applied twice. It has a module of its own
beside this one, and stands in `MODS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .tree import ServiceTree


@dataclass(frozen=True)
class Mod:
    """A code mod.

    Attributes:
        version: the first one that needs it: `1.1.0` is applied by every upgrade from an earlier
            version to this one or a later one.
        summary: a sentence about what it does, as the upgrade shows it.
        change: changes a service's tree.
    """

    version: str
    summary: str
    change: Callable[[ServiceTree], None]


MODS: tuple[Mod, ...] = ()
"""In the order in which they are applied: by version."""

__all__ = ["MODS", "Mod", "ServiceTree"]
