"""Redrives or discards parked messages, with an audit record of each."""

from rich.console import Console
from rich.progress import track

from carafe.development.audit import audit

from .message import ParkedMessage, ParkedQueue, RedriveFailed


def apply_to_each(action: str, source: ParkedQueue, messages: list[ParkedMessage]) -> int:
    """Redrive or discard messages one after the other, and return how many remain.

    When a message is not accepted, the later ones of its subject remain as well.

    Args:
        action: `redrive` or `discard`.
        source: the open queue.
        messages: the messages, those of a subject in their order.
    """
    blocked_subjects: set[str] = set()
    remaining = 0
    console = Console(stderr=True)
    for each in track(messages, action, console=console, disable=not console.is_terminal):
        if each.subject and each.subject in blocked_subjects:
            remaining += 1
            continue
        try:
            getattr(source, action)(each)
        except RedriveFailed as error:
            blocked_subjects.add(each.subject)
            remaining += 1
            _audit(f"{action} refused: {error}", source, each)
        else:
            _audit(action, source, each)
    return remaining


def _audit(action: str, source: ParkedQueue, message: ParkedMessage) -> None:
    audit(
        action,
        queue=source.name,
        id=message.id,
        type=message.type,
        subject=message.subject,
        reason=message.reason,
    )
