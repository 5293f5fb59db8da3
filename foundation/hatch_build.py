"""Puts the sample into the wheel: the reference service that lies beside the foundation."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

IN_SDIST = "sample"
IN_WHEEL = "carafe/development/new/sample_service"


class Sample(BuildHookInterface[Any]):
    """Adds the files of the sample, as `carafe.development.new.sample` lists them."""

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
        inside = Path(self.root) / IN_SDIST
        found = files_below(inside if inside.is_dir() else Path(self.root).parent)
        if "app.py" not in found:
            raise FileNotFoundError("there is no sample beside the foundation")
        place = IN_SDIST if self.target_name == "sdist" else IN_WHEEL
        for name, path in found.items():
            build_data["force_include"][str(path)] = f"{place}/{name}"
