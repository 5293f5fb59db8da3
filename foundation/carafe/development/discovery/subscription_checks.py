"""Checks that each event that comes to the inbox is followed, and tells what its followers need."""

from collections.abc import Iterator, Mapping

from carafe.contracts.received_commands import REFUSED

from .locations import located_subscriptions
from .model import Model, Subscription
from .source import Location
from .suggestions import did_you_mean
from .types import Type


def subscription_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield subscriptions that nothing follows, or that lack what their followers need."""
    for _, each, location in located_subscriptions(model):
        types = {attribute.name: attribute.type for attribute in each.attributes}
        identifier = types.get(each.identifier)
        if identifier is None or identifier.name != "identifier" or not identifier.is_scalar:
            message = f"{each.identifier} is not an attribute of type identifier"
            yield (*location, "identifier"), message + did_you_mean(each.identifier, types)
        if each.behavior.creates or each.behavior.deletes:
            yield location, f"{each.behavior.name} must change an existing aggregate"
        for part, message in _lacking(each, types):
            yield (*location, *part), message
    yield from _unfollowed(model)


def _lacking(
    subscription: Subscription, types: Mapping[str, Type]
) -> Iterator[tuple[Location, str]]:
    """Yield what the behaviour takes and the event lacks, or may lack."""
    behavior = subscription.behavior.name
    taken = {each.name for each in subscription.behavior.takes}
    for name in subscription.takes.keys() - taken:
        yield ("takes", name), f"{behavior} takes no {name}{did_you_mean(name, taken)}"
    for take in subscription.behavior.takes:
        source = subscription.source(take)
        told = types.get(source)
        part: Location = ("takes", take.name) if take.name in subscription.takes else ()
        if told is None or (told.name, told.many) != (take.type.name, take.type.many):
            where = f" as {source}" if part else ""
            message = f"{behavior} takes {take.name}, which the event lacks{where}"
            yield part, message + ("" if told else did_you_mean(source, types))
        elif told.optional and not take.type.optional:
            here = "in the aggregate" if subscription.is_own else "here"
            message = (
                f"{behavior} needs {source}, which the event may lack: remove its `?` {here}, "
                "or add one where the behaviour takes it"
            )
            yield ("attributes", source), message


def _unfollowed(model: Model) -> Iterator[tuple[Location, str]]:
    followed = {each.wire_type for each in model.inbox_events}
    for wire_type in model.data.get("subscriptions", {}):
        if wire_type.endswith(f".{REFUSED}"):
            message = (
                "refusals are subscribed to by themselves, of every service that a process sends "
                "a command to: remove this"
            )
            yield ("subscriptions", wire_type), message
        elif wire_type in model.ignored_events:
            continue
        elif wire_type not in followed and not wire_type.startswith(f"{model.context}."):
            message = (
                f"nothing follows {wire_type}: add `behavior:` and `identifier:`, or let a process "
                "wait for it, or write `ignored: true`"
            )
            yield ("subscriptions", wire_type), message
