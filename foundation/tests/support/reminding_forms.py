"""The next version of a process: one of its steps has another name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from carafe.domain.model import schema
from carafe.domain.process import Process
from carafe.domain.timers import Timer
from carafe.infrastructure.database.mongo.documents import Upcaster
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository

from .reminding import BLOCKING, RETURN, SENDING

MAILING = replace(SENDING, name="mailing")


class RemindingOverdue(Timer):
    """A step has waited too long."""

    name: ClassVar[str] = "step_overdue"


@schema(collection="remindings", version=2)
class RenamedReminding(Process):
    """A member is reminded of a loan."""

    STEPS: ClassVar = (BLOCKING, MAILING, RETURN)
    DEADLINE = RemindingOverdue

    loan_id: str
    member: str
    calls: int = 0


def renamed(document: dict[str, Any]) -> dict[str, Any]:
    """Give the step its new name."""
    records = [
        each | {"name": MAILING.name} if each["name"] == SENDING.name else each
        for each in document["step_records"]
    ]
    return document | {"step_records": records}


class RenamedRemindingRepository(MongoRepository[RenamedReminding]):
    """Keeps remindings of both versions."""

    aggregate = RenamedReminding
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: renamed}
