"""What every event and command on the bus says of itself: CloudEvents 1.0, structured JSON.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from datetime import datetime
from typing import Any


def event_attributes(
    identifier: str, source: str, wire_type: str, subject: str, time: datetime
) -> dict[str, Any]:
    """Return the attributes that every CloudEvent has here, before its extensions and its data.

    Args:
        identifier: its id, unique within the source.
        source: of whom it is, such as `/lending`.
        wire_type: its type, version included.
        subject: what it is about: the id of an aggregate.
        time: when it happened, in UTC.
    """
    return {
        "specversion": "1.0",
        "id": identifier,
        "source": source,
        "type": wire_type,
        "subject": subject,
        "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
    }
