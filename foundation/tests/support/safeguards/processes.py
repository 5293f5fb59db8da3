"""What keeps processes and own reactions from being lost, doubled or forgotten."""

from .safeguard import CQRS, INFRASTRUCTURE, Safeguard

UNDOING = "tests/unit/test_process_undoing.py"
AT_RANDOM = "tests/unit/test_processes_at_random.py"
ON_SERVERS = "tests/infrastructure/test_processes.py"

PROCESSES = [
    Safeguard(
        "the id of a step's command, the same each time",
        "domain/process_state.py",
        "        self.send(command, command_id=command_id)",
        "        self.send(command)",
        f"{ON_SERVERS} -k a_refusal_finds_its_process",
    ),
    Safeguard(
        "the reverse order of undoing",
        "domain/process.py",
        "        for record in reversed(self.step_records):",
        "        for record in self.step_records:",
        AT_RANDOM,
    ),
    Safeguard(
        "the confirmation of one undoing before the next",
        "domain/process.py",
        "            if self._with_status(StepStatus.UNDOING):\n                return\n",
        "",
        AT_RANDOM,
    ),
    Safeguard(
        "the deadline of an undoing, which is told to a person",
        "domain/process.py",
        "            self._get_stuck(record, at)\n        elif",
        "            pass\n        elif",
        UNDOING,
    ),
    Safeguard(
        "the refusal of an undoing after the end, which is told to a person",
        "domain/process.py",
        "            record.status is StepStatus.UNDONE and is_unconfirmed",
        "            False",
        f"{ON_SERVERS} -k a_refusal_after_the_end",
    ),
    Safeguard(
        "the check that a late success leads no further",
        "domain/process.py",
        "        return self.status is ProcessStatus.RUNNING",
        "        return True",
        UNDOING,
    ),
    Safeguard(
        "the check that a process waits for something",
        f"{CQRS}/processes.py",
        "    if process.is_stranded:",
        "    if False:",
        "tests/unit/test_process_messages.py",
    ),
    Safeguard(
        "the answer to a second start",
        f"{CQRS}/processes.py",
        "        if not isinstance(refusal, AlreadyExists) or not processes.exists(identifier):\n"
        "            raise\n",
        "        raise\n",
        f"{ON_SERVERS} -k doubled_start",
    ),
    Safeguard(
        "the refusal of a command that was sent again, as another event",
        f"{CQRS}/refusals.py",
        'f"{command.id} {digest}"',
        "command.id",
        "tests/unit/test_command_refusals.py",
    ),
    Safeguard(
        "the binding of own events to the own inbox",
        f"{INFRASTRUCTURE}/event_bus/topology.py",
        "                for each in own_events\n",
        "                for each in ()\n",
        "tests/infrastructure/test_own_reactions.py -k an_own_event_begins",
    ),
]
