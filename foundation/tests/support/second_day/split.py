"""The first release of a split: what was found becomes an aggregate of its own."""

from .by_hand import WIRING
from .clinic import Clinic

REPORT = """\
  Report:
    description: What was found at an appointment.
    shared: true
    attributes: {practitioner_id: identifier, notes: list of Note}
    events: {ReportWritten: {description: Something was found., tells: [practitioner_id]}}
    behaviors:
      write:
        description: Write down what was found.
        creates: true
        takes: [practitioner_id, notes]
        records: ReportWritten
    queries: {GetReport: {returns: one, scope: operations}}

"""

HANDLERS = '''"""Handlers of events about reports."""

from collections.abc import Mapping

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.domain.errors import AlreadyExists
from carafe.domain.model import Clock
from carafe.infrastructure.cqrs.mediator import EventHandler
from carafe.infrastructure.database.repository import Repository
from msgspec import Struct

from chalicelib.contracts.integration_events import AppointmentHeldV1
from chalicelib.domain.report import Report


class ReportEvents(Struct, frozen=True):
    """The handlers, with the ports they need."""

    reports: Repository[Report]
    clock: Clock

    def handlers(self) -> Mapping[type[IntegrationEvent], EventHandler]:
        """Return the handler of each event."""
        return {AppointmentHeldV1: self.appointment_held}

    def appointment_held(self, event: AppointmentHeldV1, context: CommandContext) -> CommandResult:
        """Keep what was found at an appointment."""
        report = Report.write(
            report_id=event.appointment_id,
            practitioner_id=event.practitioner_id,
            notes=tuple(each.to_domain() for each in event.notes),
            at=self.clock(),
        )
        try:
            return self.reports.add(report, context)
        except AlreadyExists:  # the script was faster
            return CommandResult(id=report.id, version=1)
'''

TESTS = '''"""Reports follow the appointments."""

import time

from carafe.development.project import Project
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.inbox import Settled
from carafe.testing.examples import AN_ID
from carafe.testing.inbound import a_delivery, an_event

from chalicelib.domain.report import Report
from chalicelib.infrastructure.settings import Settings
from tests.support.values import A_NOTE


def test_what_was_found_becomes_a_report(project: Project, service: Container[Settings]) -> None:
    data = {
        "appointment_id": "appointment-1",
        "practitioner_id": AN_ID,
        "notes": [A_NOTE],
        "is_urgent": True,
    }
    event = a_delivery(an_event("clinic.appointment.held.v1", data=data))
    settled = project.functions.inbox().settle([event, event], time.monotonic() + 20)
    assert settled == Settled(handled=2)
    assert len(service.repository(Report).get("appointment-1").notes) == 1
'''

NEW_FILES = {
    "chalicelib/api/reports/events.py": HANDLERS,
    "tests/api/test_report_reactions.py": TESTS,
}

NEW_LINES = (
    (
        "chalicelib/contracts/subscribed_events.py",
        "\n\nclass InvoiceSettledV1",
        "\nfrom .integration_events import AppointmentHeldV1\n",
    ),
    (
        "chalicelib/contracts/subscribed_events.py",
        "    InvoiceSettledV1,\n",
        "    AppointmentHeldV1,\n",
    ),
    (
        WIRING,
        "            AppointmentEvents(",
        "            ReportEvents(service.repository(Report), service.clock).handlers(),\n",
    ),
    (
        WIRING,
        "    from .reports.queries",
        "    from .reports.events import ReportEvents\n",
    ),
)
"""A file, what stands there, and what comes above it."""


def react_to_own_event(service: Clinic) -> None:
    """Let reports follow the appointments, by hand."""
    for path, text in NEW_FILES.items():
        (service.folder / path).write_text(text)
    for path, place, lines in NEW_LINES:
        service.edit(path, (place, f"{lines}{place}"))
