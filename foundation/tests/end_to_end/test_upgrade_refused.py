"""What `carafe upgrade` refuses: in one line, with nothing half-made."""

import pytest

from tests.support.next_version import NEXT, PRESENT
from tests.support.upgrading import UpgradedService

NOWHERE = {
    "PIP_NO_INDEX": "0",
    "PIP_FIND_LINKS": "",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_CONFIG_FILE": "/dev/null",
    "PIP_RETRIES": "1",
}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("7.7.7",), "there is no carafe-foundation==7.7.7 "),
        (("newest",), "'newest' is no version"),
        (("0.1.0", "--find-links", "."), "there is no carafe-foundation==0.1.0 "),
        (("--hash", "sha256:00"), "is another than expected: its hash is sha256:"),
        (("--continue",), "no upgrade is under way"),
        (("--abort",), "no upgrade is under way"),
        (("--undo",), "there is no upgrade to take back here"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    desk: UpgradedService, words: tuple[str, ...], reason: str
) -> None:
    output = desk.upgrade(*words, expected=1)
    assert output.startswith("error: ")
    assert output.count("\n") == 1
    assert reason in output
    assert desk.is_as_it_was()


def test_an_index_out_of_reach_is_told_in_a_line(desk: UpgradedService) -> None:
    desk.edit("requirements.txt", ("--find-links wheels\n", ""))
    desk.commit()
    output = desk.upgrade("7.7.7", expected=1, **NOWHERE)
    assert output == (
        "error: carafe-foundation==7.7.7 cannot be fetched, since the package index is out of "
        "reach: try again later, or name a folder of wheels with --find-links\n"
    )
    assert desk.is_as_it_was()


def test_a_folder_that_cannot_be_made_is_told_in_a_line(desk: UpgradedService) -> None:
    desk.write(".local", "a file\n")
    output = desk.upgrade(expected=1)
    assert output.startswith("error: ")
    assert ".local" in output
    assert output.count("\n") == 1


def test_there_is_nothing_to_do_for_the_version_that_it_has(desk: UpgradedService) -> None:
    output = desk.upgrade(PRESENT)
    assert output == f"The service has carafe-foundation {PRESENT} already.\n"
    output = desk.upgrade(PIP_FIND_LINKS="wheels")
    assert output == f"The service has carafe-foundation {PRESENT} already.\n"
    assert desk.is_as_it_was()


@pytest.mark.parametrize("name", ["README.md", "new.md"])
def test_a_tree_with_changes_is_refused(desk: UpgradedService, name: str) -> None:
    desk.write(name, "x\n")
    output = desk.upgrade(expected=1)
    assert output == f"error: there are changes ({name}): commit or stash them first\n"


def test_a_service_outside_of_git_is_refused(desk: UpgradedService) -> None:
    (desk.folder / ".git").rename(desk.folder / "elsewhere")
    output = desk.upgrade(expected=1, GIT_CEILING_DIRECTORIES=str(desk.folder.parent))
    assert output.startswith("error: the service is in no git repository that can be read (")
    assert output.count("\n") == 1
    (desk.folder / "elsewhere").rename(desk.folder / ".git")


def test_a_service_newer_than_the_command_is_refused(desk: UpgradedService) -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        desk.edit(name, (f"=={PRESENT}", f"=={NEXT}"))
    desk.commit()
    output = desk.upgrade(expected=1)
    assert output == (
        f"error: the service needs carafe-foundation {NEXT}, and this command is of {PRESENT}: "
        "run `make install` first\n"
    )


def test_a_service_that_does_not_remember_its_names_is_refused(desk: UpgradedService) -> None:
    desk.edit("pyproject.toml", ('context = "lending"\n', ""))
    desk.commit()
    output = desk.upgrade(expected=1)
    assert "pyproject.toml does not say what the service was made with ('context' is " in output
    assert desk.is_as_it_was()
