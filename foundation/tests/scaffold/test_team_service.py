"""What a team's service grows to: names of several words, complete phases, further schedules."""

import re
from pathlib import Path

import pytest

from carafe.development.checklist import complete_step
from carafe.development.phases import PHASES, Phase
from tests.support.scaffolding import Service

# No event has the aggregate's name in its own.
MODEL = """\
context: lending
enumerations:
  WaitingStatus: {description: Where an entry stands., values: [waiting, offered, withdrawn]}
aggregates:
  WaitingListEntry:
    description: Somebody who waits for a book.
    shared: true
    attributes: {preferred_book_case_id: identifier, status: WaitingStatus, remark: "text(40)?"}
    events:
      PlaceTaken: {description: Somebody waits., tells: [preferred_book_case_id]}
      BookOffered: {description: A book can be had., tells: [preferred_book_case_id]}
      PlaceGivenUp: {description: Somebody waits no more., tells: [preferred_book_case_id]}
      RemarkNoted: {description: Something was remarked., tells: [remark]}
      PlaceCleared: {description: The entry is gone., tells: [preferred_book_case_id]}
    behaviors:
      take:
        {description: Let somebody wait., creates: true, takes: [preferred_book_case_id],
         becomes: waiting, records: PlaceTaken}
      offer: {description: Offer it., when: [waiting], becomes: offered, records: BookOffered}
      give_up: {description: Wait no more., becomes: withdrawn, records: PlaceGivenUp}
      note:
        {description: Note something., takes: [remark], when: [waiting, offered],
         records: RemarkNoted}
      clear:
        {description: Remove it., deletes: true, when: [withdrawn], records: PlaceCleared}
    commands:
      TakePlace: {behavior: take}
      OfferBook: {behavior: offer}
      GiveUpPlace: {behavior: give_up}
      NoteRemark: {behavior: note}
      ClearPlace: {behavior: clear}
    queries:
      GetWaitingListEntry: {returns: one}
      ListWaitingListEntries: {returns: page, filters: [status]}
  BookCase:
    description: Where books stand.
    shared: true
    attributes: {label: text(20)}
    events: {CasePutUp: {description: It stands., tells: [label]}}
    behaviors:
      put_up: {description: Put it up., creates: true, takes: [label], records: CasePutUp}
    commands: {PutUpBookCase: {behavior: put_up}}
    queries: {GetBookCase: {returns: one}}
"""

SCHEDULED = '''

@app.schedule("rate(5 minutes)")
def remind(event: CloudWatchEvent) -> dict[str, int]:
    """Remind members of what is due."""
    return {"reminded": len(event.to_dict())}
'''


@pytest.fixture(scope="module")
def waiting(bare: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service whose aggregates have names of several words."""
    service = bare.clone(tmp_path_factory.mktemp("words") / "lending")
    (service.folder / "model.yaml").write_text(MODEL)
    service.run("carafe", "scaffold")
    return service


@pytest.mark.parametrize("phase", PHASES[1:], ids=str)
def test_a_name_of_several_words_is_known_in_every_phase(waiting: Service, phase: Phase) -> None:
    waiting.run("carafe", "verify", phase.number, "--offline")


def test_routing_keys_of_several_words_are_as_advised(waiting: Service) -> None:
    (waiting.folder / ".env").write_text((waiting.folder / ".env.example").read_text())
    said = waiting.run("carafe", "bus", "advise")
    assert "lending.waiting_list_entry.*" in said
    assert "everything about one waiting list entry" in said
    assert "warning" not in said


def test_a_name_of_several_words_is_spoken_well(waiting: Service) -> None:
    texts = [path.read_text() for path in sorted(waiting.folder.glob("diagrams/*.md"))]
    headings = re.findall(r"^#+ .*$", "\n".join(texts), re.MULTILINE)
    assert "## Waiting list entries" in headings
    assert "## Queries: waiting list entries" in headings
    assert [each for each in headings if "_" in each] == []
    routes = (waiting.folder / "chalicelib/api/waiting_list_entries/routes.py").read_text()
    assert 'Endpoints("waiting list entries")' in routes


def test_a_life_cycle_shows_every_behaviour_of_the_model(waiting: Service) -> None:
    drawn = (waiting.folder / "diagrams/behaviors.md").read_text()
    for line in (
        "[*] --> s2 : take",
        "s2 --> s3 : offer",
        "s1 --> s4 : give_up",
        "s4 --> [*] : clear",
        "| note | WAITING or OFFERED |",
    ):
        assert line in drawn


def test_an_id_with_a_word_before_it_leads_to_its_aggregate(waiting: Service) -> None:
    drawn = (waiting.folder / "diagrams/domain.md").read_text()
    assert "WaitingListEntry ..> BookCase : preferred_book_case_id" in drawn


def test_with_every_phase_complete_a_services_tests_pass(lending: Service, tmp_path: Path) -> None:
    service = lending.clone(tmp_path / "service")
    checklist = service.folder / "memory-bank/progress.md"
    for phase in PHASES:
        checklist.write_bytes(complete_step(checklist.read_bytes(), phase))
    assert checklist.read_text().count("- [x]") == len(PHASES)
    service.run("pytest", "-q", "tests/unit", "tests/architecture")
    service.run("ruff", "check", ".")
    service.run("carafe", "diagrams", "--check")
    assert "All phases are complete." in service.run("carafe", "progress")


def test_a_second_schedule_is_drawn_tested_and_packaged(bare: Service, tmp_path: Path) -> None:
    service = bare.clone(tmp_path / "service")
    app = service.folder / "app.py"
    app.write_text(app.read_text() + SCHEDULED)
    service.run("carafe", "diagrams")
    assert "remind" in (service.folder / "diagrams/infrastructure.md").read_text()
    service.require_clean_code()
    service.run("pytest", "-q", "tests/unit", "tests/architecture")
    service.run("carafe", "verify", "01", "--offline")
    said = service.run("carafe", "package", "--stage", "dev", expected=1)
    assert "remind: no lambda_timeout and no iam_policy_file in lambda_functions" in said
