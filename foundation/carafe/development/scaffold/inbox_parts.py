"""What a model adds for events that come to the inbox: contracts, handlers and tests."""

from collections.abc import Iterable

from carafe.development.discovery.process_model import InboxEvent, event_of

from .details import DetailedAggregate
from .inbox_fields import parameters_of
from .parts import Scaffold
from .wire_types import GENERIC

SUBSCRIBED = "chalicelib/contracts/subscribed_events.py"

IN_SUBSCRIBED = (
    "from typing import Annotated, ClassVar",
    "from msgspec import Meta",
    f"from {GENERIC} import Identifier, printable",
    "from carafe.contracts.received_commands import CommandRefused, refusal_type",
)
"""What the contracts need; the formatter removes what is not used."""

IGNORED = '''\
IGNORED: frozenset[str] = frozenset({names})
"""Wire types that the inbox is not bound to, and acknowledges should one come all the same."""
'''


def add_inbox_events(scaffold: Scaffold, events: Iterable[InboxEvent]) -> None:
    """Subscribe to events; those of other services need contracts of their own."""
    for event in events:
        if event.is_own:
            line = f"from .integration_events import {event.name}"
            scaffold.shared.add_import(SUBSCRIBED, line)
        else:
            _add_contract(scaffold, event)
        scaffold.shared.add_element(SUBSCRIBED, "SUBSCRIBED", event.name)


def add_ignored(scaffold: Scaffold) -> None:
    """Declare the events that are acknowledged and nothing else."""
    names = ", ".join(f'"{each}"' for each in scaffold.model.ignored_events)
    if names:
        definition = IGNORED.format(names=f"{{{names}}}")
        scaffold.shared.add_definition(SUBSCRIBED, definition)
        scaffold.shared.declare_ignored()


def add_refusal(scaffold: Scaffold, receiver: str, name: str) -> None:
    """Subscribe to the event by which another service refuses commands.

    Args:
        scaffold: of the model.
        receiver: the other service.
        name: of the event's class.
    """
    _add_imports(scaffold)
    text = scaffold.render("contracts/refusal", receiver=receiver)
    scaffold.shared.add_definition(SUBSCRIBED, text, before="SUBSCRIBED")
    scaffold.shared.add_element(SUBSCRIBED, "SUBSCRIBED", name)


def add_reactions(scaffold: Scaffold, aggregate: DetailedAggregate) -> None:
    """Add the events that an aggregate follows, their handlers, and tests."""
    if not aggregate.subscriptions:
        return
    add_inbox_events(scaffold, map(event_of, aggregate.subscriptions))
    scaffold.api_file(aggregate, "events")
    scaffold.shared.add_handlers(aggregate, "events", clock=True)
    others = [each for process in scaffold.processes for each in process.followed[1:]]
    shared = [each.wire_type for each in others]
    tests = scaffold.render("tests/reactions", aggregate=aggregate, shared_events=shared)
    scaffold.tree.add(f"tests/api/test_{aggregate.snake}_reactions.py", tests)


def _add_contract(scaffold: Scaffold, event: InboxEvent) -> None:
    _add_imports(scaffold)
    for attribute in event.attributes:
        scaffold.types.of_output(SUBSCRIBED, attribute)
    for parameter in parameters_of(event, scaffold.model):
        scaffold.types.of_input(SUBSCRIBED, parameter)
    text = scaffold.render("contracts/subscription", each=event)
    scaffold.shared.add_definition(SUBSCRIBED, text, before="SUBSCRIBED")


def _add_imports(scaffold: Scaffold) -> None:
    for line in IN_SUBSCRIBED:
        scaffold.shared.add_import(SUBSCRIBED, line)
