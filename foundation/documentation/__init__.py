"""The documentation site: what is included and generated, and what is checked. `make docs`."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""

FOUNDATION = ROOT / "foundation"

CONFIGURATION = FOUNDATION / "docs" / "site" / "mkdocs.yml"
