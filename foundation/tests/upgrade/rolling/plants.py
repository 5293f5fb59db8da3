"""Incompatibilities that a version must not have, each planted in the next one."""

from typing import NamedTuple


class Plant(NamedTuple):
    """A change of the next version that breaks a promise.

    Attributes:
        name: what is wrong.
        edits: file of the package, old text and new text.
        found: how the sentence begins by which the run finds it, as a pattern; which one comes
            first may be a matter of chance.
    """

    name: str
    edits: tuple[tuple[str, str, str], ...]
    found: str


PLANTS = (
    Plant(
        "an unknown field is refused",
        (
            (
                "contracts/envelope.py",
                "QueuedCommand(Struct, frozen=True, kw_only=True):",
                "QueuedCommand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):",
            ),
        ),
        r"refused: a queued command was parked: malformed, /newer: unknown field",
    ),
    Plant(
        "a key of a stored form is renamed",
        (
            ("infrastructure/outbox/outbox.py", '"body": body', '"text": body'),
            ("infrastructure/outbox/outbox.py", 'entry["body"]', 'entry["text"]'),
        ),
        r"refused: (an entry of pending has no `body`, but id, newer, sequence, text, type"
        r"|.* logged: outbox parked: its oldest event or command cannot be sent \(KeyError\))",
    ),
    Plant(
        "a key of a sent form is renamed",
        (
            (
                "infrastructure/timers/nudges.py",
                "class TimerNudge(Struct, frozen=True):",
                'class TimerNudge(Struct, frozen=True, rename={"timers_of": "documents"}):',
            ),
            ("infrastructure/timers/nudges.py", "'\"timers_of\"'", "'\"documents\"'"),
        ),
        "refused: a queued command was parked: malformed, /id: required, but missing",
    ),
    Plant(
        "the id of a command is derived otherwise",
        (
            (
                "infrastructure/identifiers.py",
                "_unambiguous(subject, key)",
                "_unambiguous(key, subject)",
            ),
        ),
        "doubled: the command with the key ",
    ),
    Plant(
        "a validator demands what older code does not write",
        (
            (
                "infrastructure/database/mongo/validator.py",
                '"required": ["id", "digest", "version", "at"]',
                '"required": ["id", "digest", "version", "at", "newer"]',
            ),
        ),
        r"refused: old (\w+ logged: .*\(WriteError\)|answered 500 internal_error to )",
    ),
)
