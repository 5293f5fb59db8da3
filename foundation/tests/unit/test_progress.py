"""`carafe progress`: shown, and changed only when nothing is missing."""

import stat
from pathlib import Path

import pytest
from click.testing import Result

from carafe.development import progress
from carafe.development.cli import main
from carafe.development.phases import PHASES, Phase
from carafe.development.project import ROOT_MARKERS
from carafe.development.verify.needs import Finding, State
from tests.support.command_runner import CommandRunner

CONTENT = "# Progress ✓\r\n\r\n## Workflow Progress\r\n\r\n" + "".join(
    f"- [{mark}] {phase}\r\n" for mark, phase in zip("xx    x", PHASES, strict=True)
)
GONE = Finding("there is a client", State.MISSING, ("write one",))


class Service:
    """A service's folder with a checklist, and a verification that finds what the test says."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "memory-bank/progress.md"
        self.forced = folder / "memory-bank/forced.md"
        self.missing: list[Finding] = []
        self.verified: list[Phase] = []
        self.file.parent.mkdir()
        for mark in ROOT_MARKERS:
            (folder / mark).mkdir()
        self.file.write_bytes(CONTENT.encode())

    def verify(self, phase: Phase, *, offline: bool) -> list[Finding]:
        assert not offline
        self.verified.append(phase)
        return self.missing

    def run(self, *arguments: str) -> Result:
        return CommandRunner().invoke(main, ["progress", *arguments])


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    service = Service(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "verify_phase", service.verify)
    return service


def test_progress_is_shown_with_the_next_step(service: Service) -> None:
    lines = service.run().output.splitlines()
    assert lines[1] == "[x] 02 - Domain Discovery"
    assert lines[2] == "[ ] 03 - Domain Implementation"
    assert lines[-1] == "Next: 03 - Domain Implementation (`carafe page 03` says how)"
    assert service.verified == []


@pytest.mark.parametrize(
    "name", ["05", "5", "05 - Infrastructure Implementation", "05 - infrastructure implementation"]
)
def test_a_phase_has_three_names(service: Service, name: str) -> None:
    result = service.run("complete", name)
    assert result.exit_code == 0
    assert result.output == (
        "Complete: 05 - Infrastructure Implementation\nNext:     06 - API Implementation\n"
    )
    expected = CONTENT.replace("[ ] 05", "[x] 05").replace("[x] 07", "[ ] 07")
    assert service.file.read_bytes() == expected.encode()
    assert service.verified == [PHASES[4]]


@pytest.mark.parametrize("name", ["", "0", "08", "Infrastructure", "05 - API Implementation"])
def test_what_is_no_phase_is_refused(service: Service, name: str) -> None:
    result = service.run("complete", name)
    assert result.exit_code == 2
    assert "is not a phase; use a number from 01 to 07." in result.output
    assert service.verified == []


def test_something_missing_leaves_the_file(service: Service) -> None:
    service.missing = [GONE]
    result = service.run("complete", "07")
    assert result.exit_code == 1
    assert "Not complete: 07 - Service Client Implementation." in result.output
    assert service.file.read_bytes() == CONTENT.encode()
    assert not service.forced.exists()


def test_force_completes_and_is_recorded(service: Service) -> None:
    service.missing = [GONE]
    assert service.run("complete", "06", "--force").exit_code == 0
    assert service.run("complete", "07", "--force").exit_code == 0
    assert "[x] 07" in service.file.read_text()
    lines = service.forced.read_text().splitlines()
    assert lines[0] == "# Forced steps"
    assert [line.split(" ", 2)[2] for line in lines if line.startswith("- ")] == [
        "06 - API Implementation",
        "07 - Service Client Implementation",
    ]
    assert lines[-1] == "  - not: there is a client"


def test_force_without_need_records_nothing(service: Service) -> None:
    assert service.run("complete", "03", "--force").exit_code == 0
    assert not service.forced.exists()


def test_a_dry_run_tells_the_lines_and_writes_nothing(service: Service) -> None:
    result = service.run("complete", "05", "--dry-run")
    assert result.output.splitlines() == [
        "would write  - [x] 05 - Infrastructure Implementation",
        "would write  - [ ] 07 - Service Client Implementation",
    ]
    service.missing = [GONE]
    assert service.run("complete", "05", "--dry-run", "--force").exit_code == 0
    assert service.file.read_bytes() == CONTENT.encode()
    assert not service.forced.exists()


def test_the_last_phase_has_no_next(service: Service) -> None:
    assert "That was the last phase." in service.run("complete", "7").output


def test_permissions_stay(service: Service) -> None:
    service.file.chmod(0o664)
    service.run("complete", "03")
    assert stat.S_IMODE(service.file.stat().st_mode) == 0o664


def test_it_is_the_same_file_from_every_folder_of_the_service(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "chalicelib")
    assert service.run("complete", "03").exit_code == 0
    assert "[x] 03" in service.file.read_text()


def test_elsewhere_the_error_is_one_line(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path.parent)
    result = service.run()
    assert result.exit_code == 1
    assert result.output == (
        "error: this is no service's folder, and none above it is: "
        "change to one, or create one with `carafe new DIR`\n"
    )


def test_without_the_file_the_error_is_one_line(service: Service) -> None:
    service.file.unlink()
    result = service.run("complete", "03")
    assert result.exit_code == 1
    assert result.output == (
        "error: There is no memory-bank/progress.md: run this in the service's folder.\n"
    )
