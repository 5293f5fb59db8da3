"""Redrives or discards parked messages, with an audit record of each."""

from carafe.development.audit import audit

from .message import ParkedMessage, ParkedQueue, RedriveFailed


def apply_to_each(action: str, source: ParkedQueue, messages: list[ParkedMessage]) -> int:
    """Redrive or discard messages one after the other, and return how many remain.

    The record of each, a line on stderr, shows how far it is. When a message is not accepted, the
    later ones of its subject remain as well.

    Args:
        action: `redrive` or `discard`.
        source: the open queue.
        messages: the messages, those of a subject in their order.
    """
    blocked_subjects: set[str] = set()
    remaining = 0
    for each in messages:
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
