"""The changelog of a released version has its dated section, and nothing is left over."""

from pathlib import Path

import pytest

from release import changelog

OLDER = "## [1.0.0] - 2026-01-31\n\n### Added\n- Everything.\n"


def faults(tree: Path, text: str) -> list[str]:
    (tree / changelog.NAME).write_text(f"# Changelog\n\n{text}")
    return changelog.faults(tree, "1.1.0")


@pytest.mark.parametrize("beginning", ["", "## [Unreleased]\n\n"])
def test_a_dated_section_at_the_top_is_right(tree: Path, beginning: str) -> None:
    text = f"{beginning}## [1.1.0] - 2026-02-28\n\n### Fixed\n- It.\n\n{OLDER}"
    assert faults(tree, text) == []
    assert changelog.section_of(tree, "1.1.0") == "### Fixed\n- It."
    assert changelog.section_of(tree, "0.9.0") == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (OLDER, "a section [1.1.0] is missing, or empty"),
        (f"## [1.1.0] - 2026-02-28\n\n{OLDER}", "a section [1.1.0] is missing, or empty"),
        (f"## [1.1.0] - Unreleased\n- It.\n{OLDER}", "give [1.1.0] its date, as in"),
        (f"## [1.1.0]\n- It.\n{OLDER}", "give [1.1.0] its date, as in"),
        (f"## [1.1.0] - 2026-02-30\n- It.\n{OLDER}", "give [1.1.0] its date, as in"),
        (f"{OLDER}\n## [1.1.0] - 2026-02-28\n- It.\n", "[1.1.0] has to be the first version"),
        (
            f"## [Unreleased]\n- More.\n\n## [1.1.0] - 2026-02-28\n- It.\n{OLDER}",
            "move what [Unreleased] holds into [1.1.0]",
        ),
    ],
)
def test_what_is_not_right_is_told_in_one_line(tree: Path, text: str, fault: str) -> None:
    (line,) = faults(tree, text)
    assert line.startswith(f"CHANGELOG.md: {fault}")
