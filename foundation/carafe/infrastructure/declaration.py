"""What a service is: its name, its settings, and every table that the foundation needs."""

import functools
import sys
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from carafe.contracts.integration_events import (
    IntegrationEvent,
    Published,
    declared_beside,
    faults_of,
    faults_of_own,
)
from carafe.contracts.outgoing_commands import OutgoingCommand, Sent, faults_of_sent, outgoing
from carafe.contracts.problem import ProblemType
from carafe.contracts.received_commands import (
    faults_of_received,
    received_commands,
    refusal_contract,
)
from carafe.contracts.upcasters import Upcaster
from carafe.domain.model import AggregateRoot, collection_of
from carafe.domain.timers import Timer, faults_of_timers

from . import secrets
from .references import Reference, resolve
from .settings import Settings, environment

if TYPE_CHECKING:
    from carafe.domain.process import Process

S = TypeVar("S", bound=Settings)

SECRET_SECONDS = 2

LEAST_STATUS, LARGEST_STATUS = 400, 599
"""Of HTTP's errors."""


class Declaration(Generic[S]):
    """The tables of a service. Nothing is read, opened or connected by declaring them.

    Args:
        name: of the service, where SERVICE_NAME does not say another.
        version: of its API.
        settings: its settings.
        root: its folder, where `.env` lies on a developer's machine.
        repositories: what keeps each aggregate: a class derived from `MongoRepository`.
        published: the contract that announces each event of its domain.
        subscribed: the events and commands of other services that it reacts to, and those of its
            own events.
        upcasters: steps from earlier versions of those.
        scopes: what an access token can allow here.
        problems: its own errors that HTTP answers in their own way.
        adapters: what fills each port of its domain: a function of the settings, called on first
            use.
        title: how documents call it; by default its name, capitalized.
        port: where it is served on a developer's machine, if PORT says nothing else.
        sent: the contract that tells each command of its domain, to another service or to itself.
        ignored: wire types of events that its inbox acknowledges and does nothing about, should
            one come; it is not bound to them.

    Raises:
        ValueError: an event or a command has no contract or no wire name, or two share one; a
            command is received in another service's name; it reacts to an own event that it does
            not publish; a process declares no deadline, or two steps of one name; a problem has no
            code, or a status that means no error.
    """

    def __init__(  # noqa: PLR0913 - a declaration names everything at once
        self,
        *,
        name: str,
        version: str,
        settings: type[S],
        root: Path,
        repositories: Mapping[type[AggregateRoot], Reference],
        published: Published,
        subscribed: Sequence[type[IntegrationEvent]] = (),
        upcasters: Mapping[str, Upcaster] | None = None,
        scopes: AbstractSet[str] = frozenset(),
        problems: Sequence[ProblemType] = (),
        adapters: Mapping[type, Reference] | None = None,
        title: str | None = None,
        port: int = 8000,
        sent: Sent | None = None,
        ignored: AbstractSet[str] = frozenset(),
    ) -> None:
        self.name = name
        self.title = title or name.replace("-", " ").capitalize()
        self.version = version
        self.port = port
        self.settings = settings
        self.root = root
        self.repositories = repositories
        self.published = published
        self.subscribed = tuple(subscribed)
        self.upcasters = upcasters or {}
        self.scopes = scopes
        self.problems = tuple(problems)
        self.adapters = adapters or {}
        self.sent = sent or {}
        self.ignored = ignored
        self._secrets_client: secrets.SecretsClient | None = None
        if faults := [
            *faults_of(published, repositories),
            *faults_of_own(self.own_events, published),
        ]:
            raise ValueError("integration events: " + "; ".join(faults))
        if faults := [
            *faults_of_sent(self.sent, name, published, repositories),
            *faults_of_received(self.subscribed, name),
        ]:
            raise ValueError("commands: " + "; ".join(faults))
        if faults := [
            fault
            for aggregate in repositories
            for fault in faults_of_timers(aggregate, declared_beside(aggregate, Timer))
        ]:
            raise ValueError("timers: " + "; ".join(faults))
        if faults := _faults_of_processes(self.processes):
            raise ValueError("processes: " + "; ".join(faults))
        if faults := [fault for each in problems if (fault := _fault_of_problem(each))]:
            raise ValueError("problems: " + "; ".join(faults))

    @property
    def outgoing(self) -> list[type[OutgoingCommand]]:
        """The commands that it sends to other services."""
        return outgoing(self.sent)

    @functools.cached_property
    def own_events(self) -> list[type[IntegrationEvent]]:
        """Those of its own events that it reacts to."""
        commands = received_commands(self.subscribed)
        return [
            each
            for each in self.subscribed
            if each not in commands and each.publisher() == self.name
        ]

    @functools.cached_property
    def processes(self) -> "list[type[Process]]":
        """Those of its aggregates that are processes."""
        # A service that has one has loaded this module, and no other service is to load it.
        if "carafe.domain.process" not in sys.modules:
            return []
        from carafe.domain.process import Process

        return [each for each in self.repositories if issubclass(each, Process)]

    @functools.cached_property
    def timer_kinds(self) -> Mapping[tuple[str, str], type[Timer]]:
        """The timers that its aggregates declare, by collection and name."""
        return {
            (collection_of(aggregate), kind.name): kind
            for aggregate in self.repositories
            for kind in declared_beside(aggregate, Timer)
        }

    def published_as(self, name: str) -> list[type[IntegrationEvent]]:
        """Return the events that it publishes under a name, its refusals of commands included."""
        refusals = [refusal_contract(name)] if received_commands(self.subscribed) else []
        return [*self.published.values(), *refusals]

    def faults(self) -> list[str]:
        """Return what is wrong with the declaration and takes too long for a start to check."""
        return [*self.reference_faults(), *self.contract_faults()]

    def reference_faults(self) -> list[str]:
        """Return what is wrong with the references, by loading all of them."""
        faults = [
            *(_fault_of_repository(*each) for each in self.repositories.items()),
            *(_fault_of_adapter(*each) for each in self.adapters.items()),
        ]
        return [fault for fault in faults if fault is not None]

    def contract_faults(self) -> list[str]:
        """Return where contracts differ from the events and commands that they tell."""
        from carafe.contracts.announcements import mismatches_of

        return [*mismatches_of(self.published), *mismatches_of(self.sent)]

    def read_settings(self) -> S:
        """Read the environment, and the secrets that it names.

        Raises:
            BadSettings, SecretsUnavailable: as `container`.
        """
        variables: Mapping[str, str] = environment(self.root / ".env")
        variables = {**variables, "PORT": variables.get("PORT") or str(self.port)}
        if variables.get(secrets.SETTINGS) or variables.get(secrets.BROKER_LOGIN):
            variables = secrets.with_secrets(variables, self._secrets())
        return self.settings.read(variables, self.name)

    def _secrets(self) -> secrets.SecretsClient:
        if self._secrets_client is None:
            from .aws.client import AwsClient
            from .aws.configuration import SECRETS_MANAGER
            from .aws.services import SecretsManager

            client = AwsClient(SECRETS_MANAGER, SECRET_SECONDS, total_seconds=2 * SECRET_SECONDS)
            self._secrets_client = SecretsManager(client)
        return self._secrets_client


def _faults_of_processes(processes: "Sequence[type[Process]]") -> list[str]:
    if not processes:
        return []
    from carafe.domain.process_declarations import faults_of_processes

    return faults_of_processes({each: declared_beside(each, Timer) for each in processes})


def _fault_of_repository(aggregate: type[AggregateRoot], reference: Reference) -> str | None:
    try:
        owner = getattr(resolve(reference), "aggregate", None)
    except Exception as error:  # noqa: BLE001 - what a module raises hides no other fault
        return _load_fault(reference, error)
    if owner is not aggregate:
        return f"{reference!r} is no repository of {aggregate.__name__}"
    return None


def _fault_of_adapter(port: type, reference: Reference) -> str | None:
    try:
        factory = resolve(reference)
    except Exception as error:  # noqa: BLE001 - the same
        return _load_fault(reference, error)
    if not callable(factory):
        return f"{reference!r} makes no {port.__name__}: it cannot be called"
    return None


def _load_fault(reference: Reference, error: Exception) -> str:
    if isinstance(error, ValueError) and repr(reference) in str(error):
        return str(error)
    return f"{reference!r} cannot be loaded: {type(error).__name__}: {error}"


def _fault_of_problem(problem: ProblemType) -> str | None:
    name = problem.error.__name__
    if not isinstance(getattr(problem.error, "code", None), str):
        return f"{name} has no `code`, the problem's stable name"
    if not LEAST_STATUS <= problem.status <= LARGEST_STATUS:
        return f"{name} has the status {problem.status}, which is no error of HTTP"
    return None
