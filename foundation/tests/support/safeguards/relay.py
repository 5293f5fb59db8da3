"""The safeguards of the relay, from the outboxes to the bus."""

from .safeguard import BROKER_STALLS, INFRASTRUCTURE, Safeguard

RELAY = [
    Safeguard(
        "the limit of an event",
        f"{INFRASTRUCTURE}/outbox/outbox.py",
        "LARGEST_EVENT = 256 * 1024",
        "LARGEST_EVENT = 1 << 40",
        "tests/reliability/test_broker_refusals.py -k too_large",
    ),
    Safeguard(
        "the hold-back after a nack",
        f"{INFRASTRUCTURE}/outbox/relay.py",
        "document.held_back = True\n            result.returned",
        "document.confirmed_ids.append(message.id)\n            result.returned",
        "tests/infrastructure/test_relay.py -k holds_back",
    ),
    Safeguard(
        "the own id of an entry whose command is sent again",
        f"{INFRASTRUCTURE}/outbox/outbox.py",
        'entry["message_id"] = sent.id',
        'entry["id"] = entry["message_id"] = sent.id',
        "tests/reliability/test_processes_cut_off.py -k resumed",
    ),
    Safeguard(
        "removal by the id of the entry",
        f"{INFRASTRUCTURE}/outbox/relay.py",
        'document.events[len(document.confirmed_ids)]["id"]',
        "message.id",
        "tests/infrastructure/test_processes.py -k resumed_while_it_waits",
    ),
    Safeguard(
        "waves: the next event after the confirm of the one before",
        f"{INFRASTRUCTURE}/outbox/store.py",
        "return self.events[len(self.confirmed_ids)]",
        "return self.events[-1 - len(self.confirmed_ids)]",
        "tests/infrastructure/test_relay.py -k in_order",
    ),
    Safeguard(
        "the deadline before each wave",
        f"{INFRASTRUCTURE}/outbox/relay.py",
        "return deadline - time.monotonic() > SHORTEST_WAVE_SECONDS",
        "return True",
        "tests/infrastructure/test_relay.py -k too_little_time",
    ),
    Safeguard(
        "the parking of what cannot be published",
        f"{INFRASTRUCTURE}/outbox/relay.py",
        "self._stores[document.collection].park(document.id)",
        "pass",
        "tests/infrastructure/test_parked.py -k cannot_be_published",
    ),
    Safeguard(
        "the longest wave",
        f"{INFRASTRUCTURE}/outbox/relay.py",
        "min(deadline, time.monotonic() + LONGEST_WAVE_SECONDS)",
        "deadline",
        f"{BROKER_STALLS} -k without_an_answer",
    ),
    Safeguard(
        "a sequence that counts events alone",
        f"{INFRASTRUCTURE}/outbox/outbox.py",
        'sum("sequence" in each for each in entries)',
        "len(entries)",
        "tests/unit/test_sent_commands.py -k counts_events_alone",
    ),
    Safeguard(
        "a command stays until SQS has it",
        f"{INFRASTRUCTURE}/outbox/own_commands.py",
        "for number in outcome.accepted]",
        "for number in range(len(batch))]",
        "tests/infrastructure/test_commands_relayed.py -k refused_wait",
    ),
    Safeguard(
        "entries of newer code left alone",
        f"{INFRASTRUCTURE}/outbox/relay.py",
        "                    _leave_to_newer_code(document)",
        "                    raise KeyError(destination)",
        "tests/infrastructure/test_commands_relayed.py -k newer",
    ),
]
