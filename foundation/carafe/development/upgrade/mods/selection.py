"""The code mods that an upgrade applies."""

from collections.abc import Iterable

from packaging.version import Version

from . import Mod


def announced(mods: Iterable[Mod], present: str, target: str) -> list[Mod]:
    """Return the mods of the versions after the present one, up to the target."""
    first, last = Version(present), Version(target)
    return [mod for mod in mods if first < Version(mod.version) <= last]
