"""What a team changes by hand in the clinic's service, in every kind of file."""

from pathlib import Path

APPOINTMENT = "chalicelib/domain/appointment.py"
EVENTS = "chalicelib/domain/appointment_events.py"
COMMANDS = "chalicelib/contracts/commands.py"
INTEGRATION_EVENTS = "chalicelib/contracts/integration_events.py"
ROUTES = "chalicelib/api/appointments/routes.py"
HANDLERS = "chalicelib/api/appointments/commands.py"
WIRING = "chalicelib/api/wiring.py"
CLIENT = "chalicelib/contracts/client.py"
SETTINGS = "chalicelib/infrastructure/settings.py"
SLOT = "chalicelib/domain/slot.py"
REPOSITORY = "chalicelib/infrastructure/repositories/appointment_repository.py"
API_TESTS = "tests/api/test_appointments.py"
UNIT_TESTS = "tests/unit/test_appointment.py"

OPENING_HOURS = '''"""When the clinic is open."""

from dataclasses import dataclass

from carafe.domain.errors import RuleBroken

from .slot import Slot


@dataclass(frozen=True)
class OpeningHours:
    """When the clinic is open, in hours of the day."""

    opens: int
    closes: int

    def require(self, slot: Slot) -> None:
        """Raise RuleBroken unless a slot begins while the clinic is open."""
        if not self.opens <= slot.start.hour < self.closes:
            raise RuleBroken("The clinic is closed then.", code="clinic_is_closed")
'''

SLOT_TESTS = '''"""The rules of slots."""

import pytest
from carafe.domain.errors import InvalidValue
from carafe.testing.examples import NOON

from chalicelib.domain.slot import Slot


def test_a_slot_ends_after_it_starts() -> None:
    with pytest.raises(InvalidValue, match="end"):
        Slot(start=NOON, end=NOON)
'''

NEW_FILES = {
    "chalicelib/domain/opening_hours.py": OPENING_HOURS,
    "tests/unit/test_slot.py": SLOT_TESTS,
}

RULE = """\
        if at < self.slot.start:
            raise RuleBroken("The slot has not begun.", code="slot_has_not_begun")
"""

INVARIANT = """\
        if self.end <= self.start:
            raise InvalidValue("end", "must be after the start.")
"""

METHOD = """\
    def duration(self) -> timedelta:
        \"""Return how long it lasts.\"""
        return self.slot.end - self.slot.start

"""

OWN_QUERY = """\

    def missed_by(self, patient_id: str) -> list[Appointment]:
        \"""Return the appointments to which a patient did not come.\"""
        page = self.find(equals("patient_id", patient_id), equals("status", "missed"))
        return list(page.items)
"""

CONSTRUCTION = """\
AppointmentCommands(
                service.repository(Appointment),
                service.clock,
                OpeningHours(service.settings.opens_at, service.settings.closes_at),
            ).handlers()"""

EXAMPLE_SETTINGS = """
# The hours of the day at which the clinic opens and closes.
# OPENS_AT=8
# CLOSES_AT=18
"""

RULE_TEST = """\


def test_nobody_is_missed_before_the_slot_begins() -> None:
    appointment = an_appointment()
    appointment.confirm(at=NOON)
    with pytest.raises(RuleBroken):
        appointment.miss(at=NOON - timedelta(minutes=1))
    assert appointment.duration() > timedelta()
"""

IMPORT_APPOINTMENT = "from chalicelib.domain.appointment import Appointment\n"
IMPORT_HOURS = "from chalicelib.domain.opening_hours import OpeningHours\n"

BELOW = (
    (APPOINTMENT, '        Index(("status", "id")),\n', '        Index(("slot.start", "id")),\n'),
    (APPOINTMENT, "        self._require_can_become(AppointmentStatus.MISSED)\n", RULE),
    (
        APPOINTMENT,
        "                notes=notes,\n",
        "                is_urgent=any(each.urgent for each in notes),\n",
    ),
    (SLOT, '        require_moment(self.end, "end")\n', INVARIANT),
    (EVENTS, "    notes: tuple[Note, ...]\n", "    is_urgent: bool\n"),
    (INTEGRATION_EVENTS, "    notes: list[Note]\n", "    is_urgent: bool\n"),
    (HANDLERS, IMPORT_APPOINTMENT, IMPORT_HOURS),
    (HANDLERS, "    clock: Clock\n", "    opening_hours: OpeningHours\n"),
    (
        HANDLERS,
        '        """Ask for a time with a practitioner."""\n',
        "        self.opening_hours.require(command.slot.to_domain())\n",
    ),
    (WIRING, IMPORT_APPOINTMENT, IMPORT_HOURS),
    (REPOSITORY, "    aggregate = Appointment\n", OWN_QUERY),
    (
        SETTINGS,
        "    Attributes:\n",
        (
            "        opens_at: the hour at which the clinic opens.\n"
            "        closes_at: the hour at which it closes.\n"
        ),
    ),
)
"""A file, a text that stands there, and what is inserted below it."""

ABOVE = (
    (APPOINTMENT, "    def _require_can_become(", METHOD),
    (SLOT, "from carafe.domain.model", "from carafe.domain.errors import InvalidValue\n"),
    (
        REPOSITORY,
        "from carafe.infrastructure.database.mongo",
        "from carafe.infrastructure.database.criteria import equals\n",
    ),
    (SETTINGS, "    insurances_url: A", "    opens_at: int = 0\n    closes_at: int = 24\n"),
    (".env.example", "\n# The service for insurances.", EXAMPLE_SETTINGS),
    (UNIT_TESTS, "import pytest\n", "from datetime import timedelta\n\n"),
)
"""A file, a text that stands there, and what is inserted above it."""

INSTEAD = (
    (APPOINTMENT, "import datetime\n", "import datetime, timedelta\n"),
    (COMMANDS, "Ask for a time with a practitioner.", "Ask for a time within the opening hours."),
    (
        WIRING,
        "AppointmentCommands(service.repository(Appointment), service.clock).handlers()",
        CONSTRUCTION,
    ),
    (ROUTES, "{id}/absence", "{id}/no-show"),
    (CLIENT, "{id}/absence", "{id}/no-show"),
    (CLIENT, '"""Note that the patient did not come."""', '"""Note that nobody came."""'),
    (API_TESTS, "/absence", "/no-show"),
    ("chalicelib/infrastructure/bootstrap.py", 'version="0.1.0"', 'version="0.2.0"'),
)
"""A file, a text that stands there, and another one."""


def change_by_hand(folder: Path) -> None:
    """Make the changes in a service's folder."""
    changes = [
        *((path, old, f"{old}{new}") for path, old, new in BELOW),
        *((path, old, f"{new}{old}") for path, old, new in ABOVE),
        *INSTEAD,
    ]
    for path, old, new in changes:
        file = folder / path
        text = file.read_text()
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new))
    for path, text in NEW_FILES.items():
        (folder / path).write_text(text)
    tests = folder / UNIT_TESTS
    tests.write_text(f"{tests.read_text()}{RULE_TEST}")
