"""The contracts at one time, as JSON schemas, and the changes between two times."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from carafe.contracts.base import Command
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.json_schemas import schema_components
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import ReceivedCommand

from .compatibility import Comparison

Snapshot = dict[str, Any]

_REF = "#/schemas/{name}"


def snapshot_of(
    events: Sequence[type[IntegrationEvent]],
    commands: Sequence[type[Command]],
    sent: Sequence[type[OutgoingCommand]] = (),
    received: Sequence[type[ReceivedCommand]] = (),
) -> Snapshot:
    """Return the snapshot of some contracts.

    Args:
        events: that the service publishes.
        commands: that it executes.
        sent: commands that it sends to other services.
        received: commands that other services send to it.

    Returns:
        The schema of each event and each command that is sent or received by wire type, of each
        command that is executed by wire name, and the schemas that these refer to.
    """
    contracts = [*events, *commands, *sent, *received]
    references, schemas = schema_components(contracts, _REF)
    by_contract = dict(zip(contracts, references, strict=True))
    return {
        "events": {each.wire_type: by_contract[each] for each in events},
        "commands": {each.wire_name: by_contract[each] for each in commands},
        "sent_commands": {each.wire_type: by_contract[each] for each in sent},
        "received_commands": {each.wire_type: by_contract[each] for each in received},
        "schemas": schemas,
    }


_ENDS = {
    "events": "is no longer published",
    "sent_commands": "is no longer sent",
    "commands": "is no longer accepted",
    "received_commands": "is no longer accepted",
}
"""What is said of a contract that has gone, by the part of the snapshot that it was in."""

_WRITTEN = ("events", "sent_commands")
"""What others read. The rest is written by others."""


def breaking_changes(released: Snapshot, present: Snapshot) -> list[str]:
    """Return the changes that break services which rely on the released contracts."""
    return [each for part in _ENDS for each in _breaks(part, released, present)]


def additions(released: Snapshot, present: Snapshot) -> list[str]:
    """Return the contracts that are not released yet."""
    return [
        f"{_kind(part)} {name} is new"
        for part in _ENDS
        for name in present[part]
        if name not in released.get(part, ())
    ]


def _breaks(part: str, released: Snapshot, present: Snapshot) -> Iterator[str]:
    """Yield breaks for others: they read and write by the released schemas."""
    writer, reader = (present, released) if part in _WRITTEN else (released, present)
    comparison = Comparison(writer=writer["schemas"], reader=reader["schemas"])
    for name in released.get(part, ()):
        if name not in present[part]:
            yield f"{_kind(part)} {name} {_ENDS[part]}"
            continue
        for each in comparison.incompatibilities(writer[part][name], reader[part][name]):
            yield f"{_kind(part)} {name} {each}"


def _kind(part: str) -> str:
    return part.removesuffix("s").replace("_", " ")


def read(path: Path) -> Snapshot | None:
    """Read a snapshot; return None if the file does not exist."""
    if not path.exists():
        return None
    snapshot: Snapshot = json.loads(path.read_text(encoding="utf-8"))
    return snapshot


def write(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot, formatted so that a diff of two is readable."""
    path.write_text(json.dumps(snapshot, indent=1, sort_keys=True) + "\n", encoding="utf-8")
