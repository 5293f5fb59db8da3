"""The changes between two versions, as the wheel's CHANGELOG tells them."""

import re

from packaging.version import InvalidVersion, Version

# In the wheel; `foundation/hatch_build.py` puts it there.
IN_WHEEL = "carafe/development/upgrade/CHANGELOG.md"

SECTION = re.compile(
    r"^## \[(?P<version>[^\]]+)\].*?(?=^## |^\[[^\]]+\]: |\Z)", re.DOTALL | re.MULTILINE
)


def changes_between(changelog: str, present: str, target: str) -> str:
    """Return the sections of the versions after the present one, up to the target.

    Args:
        changelog: in the form of Keep a Changelog.
        present: the version of the service.
        target: the version that it gets.
    """
    sections = [
        match.group().strip()
        for match in SECTION.finditer(changelog)
        if _is_between(match["version"], Version(present), Version(target))
    ]
    if not sections:
        return f"The changelog of {target} says nothing of what is new since {present}."
    return "\n\n".join(sections)


def _is_between(version: str, present: Version, target: Version) -> bool:
    try:
        return present < Version(version) <= target
    except InvalidVersion:  # Unreleased
        return False
