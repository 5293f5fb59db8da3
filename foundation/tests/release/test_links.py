"""Links lead to files, and to headings."""

from pathlib import Path

import pytest

from release import links

TARGET = """# A title
## Once more
## Once more
## `code`, and *more*: a-b
```
# no heading
```
"""


@pytest.fixture
def tree(tree: Path) -> Path:
    """A tree with a document to lead to."""
    (tree / "folder").mkdir()
    (tree / "folder/target.md").write_text(TARGET)
    return tree


@pytest.mark.parametrize(
    "link",
    [
        *("folder", "folder/target.md", "folder/target.md#a-title", "folder/target.md#once-more"),
        *("folder/target.md#once-more-1", "folder/target.md#code-and-more-a-b", "#here"),
        *("https://example.com/nothing", "mailto:nobody@example.com"),
    ],
)
def test_what_leads_somewhere_is_right(tree: Path, link: str) -> None:
    (tree / "document.md").write_text(f"# Here\n\nA [link]({link}).\n")
    assert links.faults(tree) == []


@pytest.mark.parametrize(
    "link",
    [
        *("nothing.md", "folder/target.md#nothing", "folder/target.md#once-more-2", "#nothing"),
        *("folder/target.md#no-heading", "folder/nothing.png#part"),
    ],
)
def test_what_leads_nowhere_is_told(tree: Path, link: str) -> None:
    (tree / "document.md").write_text(f"# Here\n\nA [link]({link}).\n")
    assert links.faults(tree) == [f"document.md: the link {link} leads nowhere"]


def test_code_holds_no_links(tree: Path) -> None:
    (tree / "document.md").write_text("```\n[a](nothing.md)\n```\n[b](folder)\n")
    assert links.faults(tree) == []


def test_what_is_made_or_hidden_is_no_document(tree: Path) -> None:
    for name in ("build", "dist", ".venv"):
        (tree / name).mkdir()
        (tree / name / "document.md").write_text("[a](nothing.md)")
    assert links.faults(tree) == []
