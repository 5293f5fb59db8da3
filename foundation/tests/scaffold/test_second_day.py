"""A service grows: its model changes after people have edited its code and stored documents.

Each test goes on with the service that the one before has left, as a team does. With WHOLE=1
(`make test-all`) there are all eleven changes, and every test of the service after each of them.
"""

import os
import re

import pytest

from carafe.development.servers.stack import Stack
from tests.support.second_day import additions, scripts
from tests.support.second_day.by_hand import COMMANDS, HANDLERS, WIRING
from tests.support.second_day.clinic import OWNED, SHARED, Clinic, Documents, changed
from tests.support.second_day.split import REPORT, react_to_own_event

IS_WHOLE = "WHOLE" in os.environ

whole = pytest.mark.skipif(not IS_WHOLE, reason="WHOLE=1: minutes")

EVENTS = "chalicelib/contracts/integration_events.py"


@pytest.fixture(scope="module")
def clinic(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """The clinic on the evening of its first day: edited by hand, with documents."""
    service = Clinic.new(tmp_path_factory.mktemp("clinic") / "clinic", stack.environment)
    service.scaffold_all()
    if IS_WHOLE:
        require_green(service)
    service.change_by_hand()
    service.store()
    service.release()
    return service


@pytest.fixture
def before(clinic: Clinic) -> Documents:
    """What is stored before a change; what a change that failed has left is discarded."""
    clinic.git("reset", "--quiet", "--hard")
    clinic.git("clean", "--quiet", "--force", "-d")
    return clinic.documents()


def require_green(service: Clinic, *tests: str) -> None:
    """Fail unless style, types and tests are as they should be.

    Args:
        service: to check.
        tests: to be run beside the unit tests; all are run if that is wanted.
    """
    service.require_clean_code()
    service.run("ruff", "format", "--check", ".")
    if IS_WHOLE:
        service.run("carafe", "diagrams")
        service.run_every_test()
    else:
        service.run("pytest", "-q", "tests/unit", *tests)


@whole
def test_an_attribute_that_may_be_missing(clinic: Clinic, before: Documents) -> None:
    output = clinic.grow(
        ("      paid: money?\n    events", "      paid: money?\n      room: text(20)?\n    events"),
        (
            "Promise the patient the time.\n",
            'Promise the patient the time.\n        takes: [room: "text(20)?"]\n',
        ),
    )
    assert not re.search("^(breaks|needs) ", output, re.MULTILINE)
    clinic.deploy()
    assert clinic.documents() == changed(before, "appointments", room="None")
    require_green(clinic)


def test_an_attribute_that_every_document_needs(clinic: Clinic, before: Documents) -> None:
    output = clinic.grow(
        ("enumerations:\n", additions.CHANNEL),
        ("      waiting_since: moment\n", "      waiting_since: moment\n      channel: Channel\n"),
        (
            'waiting_since, needed_before: "moment?"]',
            'waiting_since, channel, needed_before: "moment?"]',
        ),
    )
    assert "breaks  WaitingListEntry.channel is new, but stored documents do not have it" in output
    assert "breaks  command clinic.join_waiting_list /channel: is required" in output
    assert "needs   JoinWaitingList is refused without channel from now on" in output
    clinic.raise_version(
        "WaitingListEntry",
        (
            'state["channel"] = "desk"  # TODO: what did older code mean?',
            'state["channel"] = "phone"',
        ),
    )
    optional = "    channel: Channel = Channel.PHONE\n"  # callers do not know it yet
    clinic.edit(COMMANDS, ("    channel: Channel\n", optional))
    clinic.edit("tests/api/test_waiting_list_entries.py", ('        "/channel",\n', ""))
    clinic.run("ruff", "format", "tests")
    clinic.deploy()
    phone = "<Channel.PHONE: 'phone'>"
    assert clinic.documents() == changed(before, "waiting_list_entries", channel=phone)
    require_green(clinic, "tests/infrastructure/test_waiting_list_entry_version_1.py")


@whole
def test_an_event(clinic: Clinic, before: Documents) -> None:
    clinic.grow(
        ("      AppointmentSettled:\n", additions.REMINDER), ("      settle:\n", additions.REMIND)
    )
    clinic.deploy()
    assert clinic.documents() == before
    require_green(clinic)


@whole
def test_a_command(clinic: Clinic, before: Documents) -> None:
    clinic.grow(("      CancelAppointment:", additions.REMIND_PATIENT))
    clinic.deploy()
    assert clinic.documents() == before
    require_green(clinic)


@whole
def test_a_timer(clinic: Clinic, before: Documents) -> None:
    output = clinic.grow(*additions.NOT_HELD)
    assert "warning" not in output
    clinic.deploy()
    assert clinic.documents() == before
    require_green(clinic)


@whole
def test_another_name_of_an_attribute(clinic: Clinic, before: Documents) -> None:
    """Subscribers and callers go on with the old name."""
    output = clinic.shrink(
        ("      complaint: text(200)\n", "      concern: text(200)\n"),
        (
            "tells: [patient_id, practitioner_id, slot, complaint]",
            "tells: [patient_id, practitioner_id, slot, concern]",
        ),
        (
            "takes: [patient_id, practitioner_id, slot, complaint]",
            "takes: [patient_id, practitioner_id, slot, concern]",
        ),
    )
    assert "attribute Appointment.complaint (or was it renamed to concern?)" in output
    assert "breaks  event clinic.appointment.requested.v1 /complaint" in output
    clinic.raise_version("Appointment", ("  # TODO: the same one?", ""))
    clinic.edit(
        COMMANDS, ("    concern: AppointmentConcern\n", "    complaint: AppointmentConcern\n")
    )
    clinic.edit(HANDLERS, ("concern=command.concern", "concern=command.complaint"))
    clinic.edit(
        EVENTS,
        ("    concern: str\n", additions.OLD_NAME),
        ("from typing import ClassVar\n", additions.DATA_OF_IMPORTS),
    )
    clinic.edit("tests/api/test_appointments.py", ('"/concern"', '"/complaint"'))
    clinic.edit("tests/support/appointments.py", ('"concern": "Concern"', '"complaint": "Concern"'))
    clinic.run("ruff", "check", "--fix-only", ".")
    clinic.deploy()
    expected = {
        key: {("concern" if name == "complaint" else name): value for name, value in each.items()}
        for key, each in before["appointments"].items()
    }
    assert clinic.documents() == {**before, "appointments": expected}
    require_green(clinic)


@whole
def test_a_removal(clinic: Clinic, before: Documents) -> None:
    """Nobody needs it any more: callers and subscribers were asked."""
    output = clinic.shrink(
        ("      needed_before: moment?\n", ""),
        (', needed_before: "moment?"]\n        becomes', "]\n        becomes"),
        ('takes: [priority, needed_before: "moment?"]', "takes: [priority]"),
        ("tells: [priority, needed_before]", "tells: [priority]"),
    )
    assert "attribute WaitingListEntry.needed_before" in output
    clinic.raise_version("WaitingListEntry", ("  # TODO: does another attribute keep it?", ""))
    clinic.run("carafe", "contracts", "check", expected=1)
    clinic.run("carafe", "contracts", "release", "--allow-breaking")
    clinic.deploy()
    assert clinic.documents() == changed(before, "waiting_list_entries", needed_before=None)
    require_green(clinic)


@whole
def test_an_aggregate(clinic: Clinic, before: Documents) -> None:
    clinic.grow(("aggregates:\n", additions.ROOM))
    clinic.deploy()
    assert clinic.documents() == {**before, "rooms": {}}
    require_green(clinic)


@whole
def test_a_port_that_a_handler_is_given(clinic: Clinic, before: Documents) -> None:
    clinic.grow(("external_services:\n", additions.PHARMACIES))
    port = "from chalicelib.domain.pharmacies import Pharmacies\n"
    clinic.edit(
        HANDLERS,
        ("from chalicelib.domain.opening_hours", f"{port}from chalicelib.domain.opening_hours"),
        (
            "    opening_hours: OpeningHours\n",
            "    opening_hours: OpeningHours\n    pharmacies: Pharmacies\n",
        ),
        ("    def request_appointment(", additions.PRESCRIBE),
    )
    hours = "OpeningHours(service.settings.opens_at, service.settings.closes_at),\n"
    clinic.edit(
        WIRING,
        ("from chalicelib.domain.opening_hours", f"{port}from chalicelib.domain.opening_hours"),
        (hours, f"{hours}                service.adapter(Pharmacies),\n"),
    )
    clinic.run("ruff", "check", "--fix-only", ".")
    clinic.run("ruff", "format", ".")
    clinic.deploy()
    assert clinic.documents() == before
    require_green(clinic)
    assert "extended" not in clinic.scaffold()


@whole
def test_a_filter(clinic: Clinic, before: Documents) -> None:
    query = "ListPractitioners: {returns: page, "
    clinic.grow((query, f"{query}filters: [licence_number], "))
    clinic.deploy()
    assert clinic.documents() == before
    require_green(clinic)


@whole
def test_an_owner(clinic: Clinic, before: Documents) -> None:
    clinic.edit("model.yaml", (SHARED, OWNED))
    output = clinic.scaffold()
    assert "breaks  command clinic.join_waiting_list /patient_id: is unknown" in output
    specialty = "    specialty: WaitingListEntrySpecialty\n    preferred"
    known = f"    patient_id: Identifier | None = None  # from older callers; not used\n{specialty}"
    clinic.edit(COMMANDS, (specialty, known))
    clinic.deploy()
    assert clinic.documents() == before
    require_green(clinic)


@whole
def test_a_split(clinic: Clinic, before: Documents) -> None:
    """Notes become reports: first written by both, then read there, at last dropped here."""
    clinic.grow(("aggregates:\n", f"aggregates:\n{REPORT}"))
    react_to_own_event(clinic)
    clinic.deploy()
    for _ in range(2):  # it may be interrupted and started again
        clinic.on_database("-c", scripts.BACKFILL)
    appointments = before["appointments"]
    notes = {key: each["notes"] for key, each in appointments.items() if each["notes"] != "()"}
    assert notes
    reports = clinic.documents()["reports"]
    assert {key: each["notes"] for key, each in reports.items()} == notes
    require_green(clinic)

    clinic.shrink(
        (
            "      status: AppointmentStatus\n      notes: list of Note\n",
            "      status: AppointmentStatus\n",
        ),
        ("        takes: [notes]\n", '        takes: [notes: "list of Note"]\n'),
    )
    clinic.raise_version("Appointment", ("  # TODO: does another attribute keep it?", ""))
    clinic.deploy()
    after = clinic.documents()
    assert after["appointments"] == changed(before, "appointments", notes=None)["appointments"]
    assert after["reports"] == reports
    require_green(clinic)
