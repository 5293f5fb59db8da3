"""Safeguards of stored and sent forms: kept for later versions, and left alone by earlier ones."""

from .safeguard import CQRS, INFRASTRUCTURE, MONGO, Safeguard

KEPT = "tests/golden/test_forms_of_this_version.py -k form_that_is_kept"
DOCUMENTS = "tests/golden/test_documents_of_versions.py"
BOOKKEEPING = "tests/golden/test_newer_bookkeeping.py"
VALIDATORS = "tests/infrastructure/test_schema_sync.py"
TWO_RELEASES = "tests/reliability/test_two_releases.py"

FORMS = [
    Safeguard(
        "the ids of commands, which stay what they were",
        f"{INFRASTRUCTURE}/identifiers.py",
        '_COMMANDS = UUID("6f0c6f5e',
        '_COMMANDS = UUID("6f0c6f5f',
        f"{DOCUMENTS} -k handled_again",
    ),
    Safeguard(
        "the names in a pending entry, which stay what they were",
        f"{INFRASTRUCTURE}/outbox/outbox.py",
        '"sequence": sequence, "body": body}',
        '"sequence": sequence, "text": body}',
        KEPT,
    ),
    Safeguard(
        "the names in a timer, which stay what they were",
        f"{INFRASTRUCTURE}/database/timers.py",
        'failures=entry.get("failures", 0)',
        'failures=entry.get("failed", 0)',
        f"{DOCUMENTS} -k goes_on_counting",
    ),
    Safeguard(
        "the question that seals a cursor, which stays what it was",
        f"{INFRASTRUCTURE}/database/stored.py",
        '"descending": sorting.descending,',
        '"is_descending": sorting.descending,',
        f"{DOCUMENTS} -k behind_a_cursor",
    ),
    Safeguard(
        "fields that a digest leaves out, so that later versions may add some",
        f"{INFRASTRUCTURE}/identifiers.py",
        "if (part := getattr(value, name)) != default:",
        "if (part := getattr(value, name)) or default is None:",
        "tests/unit/test_identifiers.py -k later_version",
    ),
    Safeguard(
        "what newer code has noted of a timer",
        f"{INFRASTRUCTURE}/database/timers.py",
        "        **(timer.unknown or {}),\n",
        "",
        f"{BOOKKEEPING} -k set_a_timer",
    ),
    Safeguard(
        "marks of later versions, which validators accept",
        f"{MONGO}/validator.py",
        '    "_marks": {"bsonType": "object"},\n',
        "",
        f"{VALIDATORS} -k may_hold_more",
    ),
    Safeguard(
        "nudges with fields of later versions",
        f"{INFRASTRUCTURE}/timers/nudges.py",
        "class TimerNudge(Struct, frozen=True):",
        "class TimerNudge(Struct, frozen=True, forbid_unknown_fields=True):",
        f"{BOOKKEEPING} -k nudges",
    ),
    Safeguard(
        "queued commands with fields of later versions",
        "contracts/envelope.py",
        "class QueuedCommand(Struct, frozen=True, kw_only=True):",
        "class QueuedCommand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):",
        f"{BOOKKEEPING} -k queued_command",
    ),
    Safeguard(
        "attributes that validators refuse",
        f"{MONGO}/validator.py",
        """"properties": _BOOKKEEPING | {"schema_version": {"enum": [version]}} | state,
        "additionalProperties": False,
""",
        """"properties": _BOOKKEEPING | {"schema_version": {"enum": [version]}} | state,
""",
        f"{BOOKKEEPING} -k still_refused",
    ),
    Safeguard(
        "validators of newer code, which older code leaves",
        f"{MONGO}/schema_sync.py",
        'is_undone = is_newer(present["validator"] or {}, declared)',
        "is_undone = False",
        f"{VALIDATORS} -k undoes_nothing",
    ),
    Safeguard(
        "bookkeeping that no upcaster takes away",
        f"{MONGO}/documents.py",
        'return document | bookkeeping | {"schema_version": version}',
        'return document | {"_id": bookkeeping["_id"], "schema_version": version}',
        "tests/infrastructure/test_versions.py -k whatever_an_upcaster",
    ),
    Safeguard(
        "messages that wait for newer code",
        f"{CQRS}/failures.py",
        "NO_ATTEMPT = (StoreUnavailable, DocumentTooNew)",
        "NO_ATTEMPT = (StoreUnavailable,)",
        "tests/golden/test_newer_documents.py",
    ),
    Safeguard(
        "the new form for what the old one cannot hold",
        f"{MONGO}/documents.py",
        "if again | key != present.state | key:",
        "if again is None:",
        f"{TWO_RELEASES} -k cannot_hold",
    ),
    Safeguard(
        "the form of what the next release has saved",
        f"{MONGO}/mongo_repository.py",
        "if stored > form.version:",
        "if stored < 0:",
        f"{TWO_RELEASES} -k keeps_the_form",
    ),
    Safeguard(
        "a save that a migration overtakes",
        f"{MONGO}/mongo_repository.py",
        "            return form  # a migration was faster\n",
        "            raise self._refusals.outbox_full()\n",
        "tests/reliability/test_old_code_beside_new.py -k overtakes",
    ),
]
