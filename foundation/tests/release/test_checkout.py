"""The commit that is released."""

from pathlib import Path

import pytest

from release.checkout import Checkout, NotReleased
from tests.support.git_tree import GitTree


def test_it_may_be_in_a_folder_whose_name_has_spaces(tmp_path: Path) -> None:
    root = tmp_path / "our own\ttree"
    (root / "inner").mkdir(parents=True)
    (root / "page.md").write_text("text\n")
    tree = GitTree(root)
    tree.git("init", "--quiet")
    tree.commit()
    checkout = Checkout(root)
    assert (checkout.export(tmp_path / "exported") / "page.md").read_text() == "text\n"
    with pytest.raises(NotReleased, match="not the top of a git repository"):
        Checkout(root / "inner")
