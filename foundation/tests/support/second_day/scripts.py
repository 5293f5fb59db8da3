"""What is run in the clinic's service, on its database."""

STORE = """
from carafe.development.project import container
from carafe.domain.money import Money
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from chalicelib.domain.appointment import Appointment
from chalicelib.domain.practitioner import Practitioner
from chalicelib.domain.waiting_list_entry import WaitingListEntry
from tests.support.appointments import an_appointment
from tests.support.practitioners import a_practitioner
from tests.support.values import a_note
from tests.support.waiting_list_entries import a_waiting_list_entry

held = an_appointment()
held.confirm(at=NOON)
held.hold(notes=(a_note(), a_note()), at=NOON)
held.settle(paid=Money.of("60.00", "EUR"), at=NOON)
for kind, aggregate in (
    (Practitioner, a_practitioner()),
    (Appointment, an_appointment()),
    (Appointment, held),
    (WaitingListEntry, a_waiting_list_entry()),
):
    container().repository(kind).add(aggregate, a_context())
"""
"""Documents of each kind, written by the code of the first day."""

READ = """
import json
from dataclasses import fields
from carafe.development.project import container

print(json.dumps({
    repository.collection.name: {
        aggregate.id: {
            field.name: repr(getattr(aggregate, field.name)) for field in fields(aggregate)
        }
        for aggregate in repository.stream()
    }
    for repository in container().repositories
}))
"""
"""Everything that is stored, as the present code reads it."""

BACKFILL = """
from contextlib import suppress

from carafe.contracts.envelope import Caller, CommandContext
from carafe.development.project import container
from carafe.domain.errors import AlreadyExists
from carafe.infrastructure.identifiers import new_id, now

from chalicelib.domain.appointment import Appointment
from chalicelib.domain.report import Report

caller = Caller(subject="backfill", scopes=frozenset())
reports = container().repository(Report)
for appointment in container().repository(Appointment).stream():
    if appointment.notes:
        with suppress(AlreadyExists):
            report = Report.write(
                report_id=appointment.id,
                practitioner_id=appointment.practitioner_id,
                notes=appointment.notes,
                at=now(),
            )
            reports.add(report, CommandContext(new_id(), "backfill", caller, new_id()))
"""
"""As `carafe page stored-forms` has it for a split."""
