"""Resumes or undoes processes, each with a commit and an audit record of its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from carafe.development.audit import audit
from carafe.development.operator_changes import apply_to_each, operator_context
from carafe.domain.model import collection_of
from carafe.domain.process import Process
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change

ProcessChange = Callable[[Process], None]


def change_each(
    service: Container[Any],
    action: str,
    processes: Sequence[Process],
    apply: ProcessChange,
    notes: Mapping[str, str],
) -> int:
    """Change processes one after the other, and return how many stay as they were.

    Args:
        service: whose they are.
        action: what the change is called in the records.
        processes: as they were found.
        apply: changes each.
        notes: what the records tell besides.

    Raises:
        StoreUnavailable: the store is away; what was recorded is done.
    """

    def commit(process: Process) -> Mapping[str, str]:
        context = operator_context(f"processes {action}", process.id)
        change(service.repository(type(process)), process.id, context, apply)
        return {}

    def record(action: str, process: Process, /, **_more: str) -> None:
        collection = collection_of(type(process))
        audit(action, collection=collection, id=process.id, was=process.status.value, **notes)

    return apply_to_each(action, processes, commit, record)
