"""What the present code stores and sends has the form that is kept for its version."""

import difflib
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.golden.scenario import files_of
from tests.support.golden.versions import Golden, is_released, versions
from tests.support.golden.write import Refused, require_unreleased, write

CHANGELOG = """# Changelog

## [1.1.0] - Unreleased

## [1.0.0] - 2027-01-15
"""

WHAT_TO_DO = (
    "A form has changed. If that was not meant, undo it: later versions must read it for good. If "
    "it was, write the files of the next version with `python -m tests.support.golden.write`, and "
    "read decision 0037 for what the version before can bear."
)


def test_the_present_code_writes_the_form_that_is_kept(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    latest = versions()[-1]
    kept, present = latest.files(), files_of(environment)
    assert sorted(present) == sorted(kept)
    difference = [
        line
        for name in kept
        for line in difflib.unified_diff(
            kept[name].splitlines(), present[name].splitlines(), name, "now", lineterm="", n=1
        )
    ]
    assert not difference, "\n".join([WHAT_TO_DO, *difference])


def test_a_version_with_a_date_is_released() -> None:
    assert is_released("1.0.0", CHANGELOG)
    assert not is_released("1.1.0", CHANGELOG)
    assert not is_released("1.0", CHANGELOG)
    assert not is_released("2.0.0", CHANGELOG)


@pytest.mark.parametrize(
    ("version", "reason"),
    [("1.0.0", "is released"), ("0.9.9", "is older than"), ("1.1", "name the version")],
)
def test_what_a_released_version_has_written_is_not_overwritten(version: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        require_unreleased(Golden(version), CHANGELOG)
    require_unreleased(Golden("1.1.0"), CHANGELOG)


def test_the_files_of_a_version_that_is_not_released_are_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.golden.versions.KEPT", tmp_path)
    for files in ({"a.json": "1", "b.json": "2"}, {"a.json": "3"}):
        write(Golden("1.1.0"), files)
    assert Golden("1.1.0").files() == {"a.json": "3"}
