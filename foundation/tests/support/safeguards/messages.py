"""The safeguards of functions and messages: the inbox, queued commands, deadlines."""

from .safeguard import CQRS, Safeguard

MESSAGES = [
    Safeguard(
        "the batch that is held back while the store is away",
        f"{CQRS}/inbox.py",
        "                    batch.outage = error\n",
        "                    raise\n",
        "tests/infrastructure/test_inbox.py -k store_is_away",
    ),
    Safeguard(
        "the refusal of a command before it is parked",
        f"{CQRS}/inbox.py",
        "        publish_refusals(self._bus, batch.refusals, deadline)\n"
        "        put_aside(self._bus, aside, deadline)\n",
        "        put_aside(self._bus, aside, deadline)\n"
        "        publish_refusals(self._bus, batch.refusals, deadline)\n",
        "tests/infrastructure/test_commands_between_services.py -k before_its_refusal",
    ),
    Safeguard(
        "one refusal for a command that is refused again",
        f"{CQRS}/refusals.py",
        'event_command_id(f"{command.source} refused", f"{command.id} {digest}")',
        "new_id()",
        "tests/infrastructure/test_commands_between_services.py -k refusal_once",
    ),
    Safeguard(
        "the event for a part of the service behind one that fails",
        "api/followers.py",
        "                failures.append(failure)\n",
        "                raise failure\n",
        "tests/unit/test_wiring.py -k keeps_no_event_from_another",
    ),
    Safeguard(
        "confirms of what was put aside",
        f"{CQRS}/aside.py",
        "if outcomes[each.whole.id] is not Outcome.CONFIRMED:",
        "if False:",
        "tests/infrastructure/test_inbox.py -k missing",
    ),
    Safeguard(
        "the parking of a refused message without its headers",
        f"{CQRS}/aside.py",
        "                _send_alone(bus, each, deadline)",
        '                raise BusUnavailable("refused")',
        "tests/infrastructure/test_put_aside.py -k parked_bare",
    ),
    Safeguard(
        "the room for notes in a message of SQS",
        f"{CQRS}/sqs_command_queue.py",
        "[: max(room, 0)]",
        "[:10_000]",
        "tests/infrastructure/test_queued_commands.py -k near_the_limit",
    ),
    Safeguard(
        "the mask of signed bytes",
        "api/lambda_events.py",
        "each & _LARGEST_BYTE",
        "max(each, 0)",
        "tests/infrastructure/test_inbox_pump.py -k odd_messages",
    ),
    Safeguard(
        "the end of retries",
        f"{CQRS}/failures.py",
        "return is_hopeless(error) or failures >= len(RETRY_DELAYS_SECONDS)",
        "return is_hopeless(error)",
        "tests/infrastructure/test_inbox.py -k held_back_for_longer",
    ),
    Safeguard(
        "parking at once of what can never succeed",
        f"{CQRS}/failures.py",
        "return is_hopeless(error) or failures",
        "return failures",
        "tests/infrastructure/test_inbox.py -k poison",
    ),
    Safeguard(
        "commands that stay while the store is away",
        f"{CQRS}/queued_commands.py",
        "if isinstance(error, NO_ATTEMPT):",
        "if error is None:",
        "tests/infrastructure/test_queued_commands.py -k store_is_away",
    ),
    Safeguard(
        "the partial answer of the bridge",
        "api/functions.py",
        "failed += nudged[collection][identifier]",
        "pass",
        "tests/infrastructure/test_relay.py -k unfinished_document",
    ),
    Safeguard(
        "the shortest time for a queued command",
        f"{CQRS}/queued_commands.py",
        "if deadline - time.monotonic() < SHORTEST_COMMAND_SECONDS:",
        "if False:",
        "tests/reliability/test_deadlines.py -k not_begun",
    ),
    Safeguard(
        "the margin before a function's end",
        "api/lambda_events.py",
        " - MARGIN_SECONDS",
        "",
        "tests/reliability/test_deadlines.py -k ends_the_function",
    ),
]
