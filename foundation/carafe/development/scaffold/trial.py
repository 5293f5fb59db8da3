"""Prints what follows from the code of the service in whose folder it runs, as JSON.

`python -m carafe.development.scaffold.trial` is how a command asks for it: the code in a copy of
the service is imported there, once for everything, and never by the command itself. It fails if
the code does not work; the last line says why.
"""

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypedDict, TypeVar

from carafe.development.contracts.commands import RELEASED, present_contracts
from carafe.development.contracts.snapshot import Snapshot, breaking_changes, read
from carafe.development.diagrams.command import all_documents
from carafe.development.expected_error import ExpectedError
from carafe.development.project import project
from carafe.development.stored_forms.commands import form_changes
from carafe.infrastructure.errors import InfrastructureError
from carafe.infrastructure.settings import BadSettings

T = TypeVar("T")

EXPECTED = (BadSettings, ExpectedError, InfrastructureError)


class Trial(TypedDict):
    """What follows from code.

    Attributes:
        diagrams: their texts, by the names of their files.
        contracts: the present ones; None if they cannot be told.
        breaks: what is broken of stored documents, and of released contracts.
    """

    diagrams: dict[str, str]
    contracts: Snapshot | None
    breaks: list[str]


def tried() -> Trial:
    """Return what follows from the code.

    Raises:
        ExpectedError: the code does not work, likewise InfrastructureError and BadSettings.
    """
    diagrams = {each.name: each.text for each in all_documents() if each.text}
    contracts = _known(present_contracts)
    breaks = [*(_known(_broken_forms) or ()), *_broken_contracts(contracts)]
    return {"diagrams": diagrams, "contracts": contracts, "breaks": breaks}


def _broken_forms() -> list[str]:
    return form_changes(project()).breaks


def _broken_contracts(present: Snapshot | None) -> list[str]:
    released = read(RELEASED)
    if released is None or present is None:
        return []
    return list(breaking_changes(released, present))


def _known(question: Callable[[], T]) -> T | None:
    """Return an answer; None if the code has none: the commands that are about it say why."""
    with suppress(*EXPECTED):
        return question()
    return None


if __name__ == "__main__":
    try:
        print(json.dumps(tried()))
    except EXPECTED as error:
        sys.exit(str(error))
