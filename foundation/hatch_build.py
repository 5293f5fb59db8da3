"""Puts into the wheel what lies beside the foundation: the reference service and the changelog."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

IN_SDIST = "sample"
IN_WHEEL = "carafe/development/new/sample_service"

CHANGELOG = "CHANGELOG.md"
CHANGELOG_IN_WHEEL = "carafe/development/upgrade/CHANGELOG.md"


class Sample(BuildHookInterface[Any]):
    """Adds the changelog, and the sample as `carafe.development.new.sample` lists it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them; an editable install reads them where they are.

        Args:
            version: of the build: `standard` or `editable`.
            build_data: takes what is added, as hatchling says.
        """
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from carafe.development.new.sample import files_below  # noqa: PLC0415 - of the tree that is built

        # In a source distribution the sample lies inside: there is nothing beside it any more.
        root, inside = Path(self.root), Path(self.root) / IN_SDIST
        is_sdist = inside.is_dir()
        found = files_below(inside if is_sdist else root.parent)
        if "app.py" not in found:
            raise FileNotFoundError("there is no sample beside the foundation")
        place = IN_SDIST if self.target_name == "sdist" else IN_WHEEL
        for name, path in found.items():
            build_data["force_include"][str(path)] = f"{place}/{name}"
        changelog = (root if is_sdist else root.parent) / CHANGELOG
        is_wheel = self.target_name == "wheel"
        build_data["force_include"][str(changelog)] = CHANGELOG_IN_WHEEL if is_wheel else CHANGELOG
