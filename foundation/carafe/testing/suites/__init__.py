"""What must hold of every service, as test cases to subclass.

    class TestLoanRepository(RepositoryTests[Loan]):
        aggregate = Loan

        def an_aggregate(self) -> Loan:
            return a_loan()

A subclass supplies what the suite cannot know, and inherits all tests. What it overrides is
documented as a hook.
"""

from .architecture import ArchitectureTests
from .bus import BusTests, MemoryBusTests, RabbitMQBusTests
from .client import ClientTests
from .declaration import DeclarationTests
from .mediator import MediatorTests
from .outbox_store import OutboxStoreTests
from .repository import MemoryRepositoryTests, RepositoryTests

__all__ = [
    "ArchitectureTests",
    "BusTests",
    "ClientTests",
    "DeclarationTests",
    "MediatorTests",
    "MemoryBusTests",
    "MemoryRepositoryTests",
    "OutboxStoreTests",
    "RabbitMQBusTests",
    "RepositoryTests",
]
