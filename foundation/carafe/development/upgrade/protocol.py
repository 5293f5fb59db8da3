"""What `carafe upgrade` of another version calls in this version's wheel.

The command that a service has drives the upgrade: it is older than the wheel that it moves to, and
newer than the one whose templates it renders. So these functions, their names and their values stay
as they are: a value may be added if it has a default.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from carafe.development.new.files import write
from carafe.development.new.origin import Origin

from .mods import MODS, ServiceTree
from .mods.selection import announced

Values = Mapping[str, Any]


def write_templates(values: Values) -> dict[str, Any]:
    """Write the files that `carafe new` would make.

    Args:
        values: `folder`, an empty one, and what `[tool.carafe]` in pyproject.toml remembers.
    """
    write(Origin.remembered(values).files(), Path(values["folder"]))
    return {}


def list_mods(values: Values) -> list[str]:
    """Return what the code mods between two versions do, a sentence each.

    Args:
        values: `present` and `target`, versions.
    """
    return [mod.summary for mod in announced(MODS, values["present"], values["target"])]


def apply_mods(values: Values) -> list[dict[str, Any]]:
    """Apply the code mods between two versions, and return what each did.

    Args:
        values: `folder`, the service's tree; `present` and `target`, versions.
    """
    done = []
    for mod in announced(MODS, values["present"], values["target"]):
        tree = ServiceTree(Path(values["folder"]))
        mod.change(tree)
        done.append({"summary": mod.summary, "files": sorted(tree.changed)})
    return done
