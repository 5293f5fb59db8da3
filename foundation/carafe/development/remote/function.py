"""What the function `migrate` does: it runs a command, and answers with what the command printed.

It is invoked by `carafe … --stage STAGE` and `carafe deploy`, or by anybody whom IAM allows to:
`{"command": ["database", "apply"], "by": "maria"}`. CodeDeploy invokes it in its own form.
"""

import io
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

from carafe.infrastructure.service import Service

from .commands import EXPECTED, commands_on_stages
from .hook import is_hook, run_hook

log = logging.getLogger(__name__)

LARGEST_TEXT = 2_500_000
"""Bytes of JSON for each of the two texts: an answer of Lambda has at most 6 MB.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

LONGEST_CHARACTER = 6
"""Bytes of a character in JSON: `\\u2028`."""

CUT = "\nThe output was too long and ends here: narrow it down with a filter.\n"

USAGE = 2

NAME_OF_USER = "LOGNAME"
"""What `getpass.getuser` reads first, for the records of what a person did."""

WIDTH = {"COLUMNS": "120", "TERM": "dumb"}


def run_command(event: Mapping[str, Any], service: Service[Any]) -> dict[str, Any]:
    """Run a command, and return `output`, `errors` and `exit_code`.

    CodeDeploy's question before a new version takes traffic is answered as well.

    Args:
        event: `command`, a list of words, and `by`, who sends it: as that person says, since a
            function is not told who invokes it. CloudTrail knows.
        service: whose command it is.
    """
    if is_hook(event):
        return run_hook(event, lambda command: run_command(command, service))
    words, by = event.get("command"), event.get("by")
    if not isinstance(words, list) or not all(isinstance(each, str) for each in words):
        return _answer("", "error: the event has no `command`, a list of words\n", USAGE)
    if not isinstance(by, str) or not by:
        return _answer("", "error: the event does not say `by` whom it is sent\n", USAGE)
    output, errors = io.StringIO(), io.StringIO()
    with _environment({**WIDTH, NAME_OF_USER: by}):
        code = _run(words, service, output, errors)
    log.info(
        "a command was run",
        extra={"audit": "command", "by": by, "command": words[:2], "exit_code": code},
    )
    for line in errors.getvalue().splitlines():
        if line.startswith('{"at": '):
            print(line)  # the command's own records, for the function's log
    return _answer(output.getvalue(), errors.getvalue(), code)


def _run(words: list[str], service: Service[Any], output: io.StringIO, errors: io.StringIO) -> int:
    """Run a command, and return its exit code."""

    def run(_: object) -> int:
        for each in (output, errors):
            each.seek(0)
            each.truncate()
        with redirect_stdout(output), redirect_stderr(errors):
            return _exit_code(words)

    try:
        return service.run(run)
    except EXPECTED as error:
        errors.write(f"error: {error}\n")
        return 1


def _exit_code(words: list[str]) -> int:
    """Run a command as the command line does, and return its exit code.

    Raises:
        StoreLoginRefused: the store refuses the login.
    """
    try:
        commands_on_stages().main(words, prog_name="carafe")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _answer(output: str, errors: str, exit_code: int) -> dict[str, Any]:
    return {"output": _cut(output), "errors": _cut(errors), "exit_code": exit_code}


def _cut(text: str) -> str:
    if len(json.dumps(text)) <= LARGEST_TEXT:
        return text
    return text[: LARGEST_TEXT // LONGEST_CHARACTER] + CUT


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment for the block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
