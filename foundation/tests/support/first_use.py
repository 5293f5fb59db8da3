"""Eight threads read contracts that nobody has read before, again and again.

Run as `python -m tests.support.first_use ROUNDS`; a fault ends it with its words.
"""

import sys
import threading
import types

from carafe.client.reading import decode
from carafe.contracts.validation import read

CONTRACTS = """
from __future__ import annotations
from typing import Annotated
from msgspec import Meta
from carafe.contracts.base import Contract

class Address(Contract, frozen=True):
    street: Annotated[str, Meta(min_length=1, max_length=100)]
    city: str

class Line(Contract, frozen=True):
    product: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    quantity: Annotated[int, Meta(ge=1, le=100)]
    address: Address | None = None

class Order(Contract, frozen=True):
    lines: Annotated[list[Line], Meta(min_length=1)]
    address: Address
"""
ADDRESS = {"street": "Long Street 1", "city": "Graz"}
VALUES = {"lines": [{"product": "a-1", "quantity": 1}], "address": ADDRESS}
BODY = (
    b'{"lines": [{"product": "a-1", "quantity": 1}],'
    b' "address": {"street": "Long Street 1", "city": "Graz"}}'
)
THREADS = 8


def contracts(number: int) -> types.ModuleType:
    """Return a module of new contracts."""
    module = types.ModuleType(f"contracts_{number}")
    sys.modules[module.__name__] = module
    exec(CONTRACTS, vars(module))  # noqa: S102 - classes that are new each time
    return module


def read_at_once(module: types.ModuleType) -> list[Exception]:
    """Read contracts for the first time, by the service's way and by the client's."""
    together = threading.Barrier(THREADS)
    faults: list[Exception] = []

    def first_use(number: int) -> None:
        together.wait()
        try:
            for _ in range(3):
                if number % 2:
                    decode(BODY, module.Order)
                else:
                    read(module.Order, VALUES)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the test tells it
            faults.append(fault)

    threads = [threading.Thread(target=first_use, args=(each,)) for each in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return faults


if __name__ == "__main__":
    sys.setswitchinterval(1e-6)
    for round_number in range(int(sys.argv[1])):
        if found := read_at_once(contracts(round_number)):
            sys.exit(repr(found))
