"""Small trees, and a whole clone of this one."""

from pathlib import Path

import pytest


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An empty tree, as it is exported from a commit."""
    (tmp_path / "tree").mkdir()
    return tmp_path / "tree"
