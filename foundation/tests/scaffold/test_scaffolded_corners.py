"""Generated code passes every check at the bounds of what a model may say, and with a new rule."""

import shutil
from pathlib import Path

import pytest

from tests.support.scaffolding import Service

DATA = Path(__file__).parents[1] / "data"

SLOT = "chalicelib/domain/slot.py"
CONTRACT = "chalicelib/contracts/values.py"

ORDER = """\
        if self.start >= self.end:
            raise InvalidValue("start", "must be before the end")
"""

LENGTH = """\
        if self.end - self.start != timedelta(minutes=30):
            raise InvalidValue("end", "must be half an hour after the start")
"""

TELLING_NOTHING = "takes: [name, remark: text(9)], records: TimeMade"

BY_HAND = """\
\"\"\"What a team writes.\"\"\"

from carafe.testing.examples import NOON

from tests.support.missings import a_missing


def test_what_is_optional_need_not_be_passed() -> None:
    missing = a_missing()
    missing.relocate(rooms=(), others=(), at=NOON)
    missing.house(room="2", reason="Found", at=NOON)
    assert (missing.room, missing.rooms) == ("2", ())
"""

IMPORTS = "from datetime import timedelta\n\nfrom carafe.domain.errors import InvalidValue\n"


@pytest.fixture(scope="module")
def corners(bare: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service made of the model at the bounds of what a model may say."""
    return scaffolded(bare, tmp_path_factory.mktemp("corners") / "service", "corners.yaml")


def scaffolded(bare: Service, folder: Path, model: str) -> Service:
    """Return a service made of a model."""
    service = bare.clone(folder)
    shutil.copy2(DATA / model, service.folder / "model.yaml")
    service.run("carafe", "scaffold")
    service.commit()
    return service


def add_rule(service: Service, rule: str) -> None:
    """Let the domain demand more of a Slot, as its team would."""
    path = service.folder / SLOT
    text = path.read_text().rstrip("\n") + f"\n{rule}"
    docstring, _, code = text.partition("\n\n")
    path.write_text(f"{docstring}\n\n{IMPORTS}{code}")


def test_it_passes_every_check_also_with_a_rule_that_people_usually_add(corners: Service) -> None:
    corners.require_clean_code()
    add_rule(corners, ORDER)
    corners.run_tests()


def test_an_unusual_rule_needs_another_example_in_one_place(
    corners: Service, tmp_path: Path
) -> None:
    service = corners.clone(tmp_path / "service")
    add_rule(service, LENGTH)
    tests = ("tests/unit", "tests/api")
    output = service.run("pytest", "-q", *tests, expected=2)
    assert "must be half an hour after the start" in output
    assert "tests/support/values.py" in output
    path = service.folder / CONTRACT
    contract, _, rest = path.read_text().partition("class Visit(")
    contract = contract.replace("2026-03-01T14:00:00Z", "2026-03-01T12:30:00Z")
    path.write_text(f"{contract}class Visit({rest}")
    service.run("pytest", "-q", *tests)


def test_what_nothing_keeps_is_left_as_a_todo_that_lint_finds(
    corners: Service, tmp_path: Path
) -> None:
    service = corners.clone(tmp_path / "service")
    model = service.folder / "model.yaml"
    text = model.read_text().replace("takes: [name], records: TimeMade", TELLING_NOTHING)
    model.write_text(text)
    output = service.run("carafe", "scaffold")
    assert "make takes remark, which is lost" in output
    found = service.run("ruff", "check", "--select", "FIX", ".", expected=1)
    assert "chalicelib/domain/time.py" in found
    assert "# TODO: remark is lost" in (service.folder / "chalicelib/domain/time.py").read_text()


def test_words_of_the_business_may_be_those_of_code(bare: Service, tmp_path: Path) -> None:
    service = scaffolded(bare, tmp_path / "service", "names.yaml")
    (service.folder / "tests/unit/test_by_hand.py").write_text(BY_HAND)
    service.require_clean_code()
    service.run_tests()


def test_long_names_and_descriptions_stay_within_the_line(bare: Service, tmp_path: Path) -> None:
    service = scaffolded(bare, tmp_path / "service", "long_names.yaml")
    service.require_clean_code()
    service.run("ruff", "format", "--check", ".")
    service.run("pytest", "-q", "tests/unit")
