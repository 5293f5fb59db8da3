"""Where the two houses stand."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
"""The reference service."""

FOUNDATION = ROOT / "foundation"
