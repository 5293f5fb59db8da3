"""What the clinic's model gets on the second day, and what people write for it by hand."""

CHANNEL = """\
enumerations:
  Channel:
    description: How somebody asked for a time.
    values: [phone, desk, online]
"""

REMINDER = """\
      AppointmentReminded:
        description: A patient was reminded.
        tells: [patient_id, slot]
      AppointmentSettled:
"""
REMIND = """\
      remind:
        description: Note that the patient was reminded.
        when: [confirmed]
        records: AppointmentReminded
      settle:
"""
REMIND_PATIENT = """\
      RemindPatient: {behavior: remind, scope: operations}
      CancelAppointment:"""

TIMER = """\
        tells: [paid]
    timers:
      NotHeld: {description: Nobody came., behavior: miss}
    behaviors:
"""
NOT_HELD = (
    ("        tells: [paid]\n    behaviors:\n", TIMER),
    (
        "        when: [requested]\n        becomes: confirmed\n",
        "        when: [requested]\n        becomes: confirmed\n        sets: {NotHeld: 1 day}\n",
    ),
    *(
        (f"        records: {event}\n", f"        cancels: [NotHeld]\n        records: {event}\n")
        for event in (
            *("AppointmentRescheduled", "AppointmentHeld"),
            *("AppointmentCancelled", "AppointmentMissed"),
        )
    ),
)

ROOM = """\
aggregates:
  Room:
    description: Where a practitioner treats patients.
    shared: true
    attributes: {label: {type: text(10), unique: true}, floor: integer(0..9)}
    events: {RoomFurnished: {description: A room can be used., tells: [label, floor]}}
    behaviors:
      furnish:
        description: Make a room fit for use.
        creates: true
        takes: [label, floor]
        records: RoomFurnished
    commands: {FurnishRoom: {behavior: furnish, scope: operations}}
    queries: {GetRoom: {returns: one}, ListRooms: {returns: page, order: [label]}}
"""

PHARMACIES = """\
external_services:
  Pharmacies:
    description: Keep medicines ready.
    operations:
      prescribe:
        description: Send a prescription.
        request: POST /prescriptions
        takes: {patient_id: identifier, text: text(500)}
"""
PRESCRIBE = '''\
    def prescribe(self, appointment: Appointment, text: str) -> None:
        """Send a prescription to the pharmacies."""
        self.pharmacies.prescribe(
            patient_id=appointment.patient_id, text=text, key=appointment.id
        )

    def request_appointment('''

OLD_NAME = '''\
    complaint: str

    @classmethod
    def data_of(cls, event: DomainEvent) -> dict[str, Any]:
        """Return it with the name that it had at first, as `IntegrationEvent.data_of`."""
        values = super().data_of(event)
        values["complaint"] = values.pop("concern")
        return values
'''
DATA_OF_IMPORTS = """\
from typing import Any, ClassVar

from carafe.domain.model import DomainEvent
"""
