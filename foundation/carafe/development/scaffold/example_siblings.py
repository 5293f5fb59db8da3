"""Which attributes of a model belong together in examples."""

from collections.abc import Iterable, Iterator, Sequence

from carafe.development.discovery.model import Aggregate, Attribute, Model, Subscription


def unique_attributes(model: Model) -> Iterator[Attribute]:
    """Yield the attributes that are unique, alone or together with others."""
    for aggregate in model.aggregates:
        names = {name for each in aggregate.unique for name in each.attributes}
        yield from (each for each in aggregate.attributes if each.unique or each.name in names)


def due_moments(model: Model) -> Iterator[Attribute]:
    """Yield the attributes and parameters that hold the moments of timers."""
    for aggregate in model.aggregates:
        for behavior in aggregate.behaviors:
            yield from (each.due for each in behavior.timers if isinstance(each.due, Attribute))


def siblings(model: Model) -> Iterator[Sequence[Attribute]]:
    """Yield the attributes that one instance has together, or one call passes together."""
    for value in model.values.values():
        yield value.attributes
    for aggregate in model.aggregates:
        yield from _siblings_of(aggregate)
    for service in model.external_services:
        yield from (operation.takes for operation in service.operations)


def _siblings_of(aggregate: Aggregate) -> Iterator[Sequence[Attribute]]:
    yield aggregate.attributes
    for behavior in aggregate.behaviors:
        yield (*aggregate.attributes, *(each for each in behavior.takes if each.behavior))
    for subscription in aggregate.subscriptions:
        yield [parameter_of(each, subscription) for each in subscription.attributes]


def parameter_of(attribute: Attribute, subscription: Subscription) -> Attribute:
    """Return the behaviour's parameter that an attribute of a subscribed event becomes.

    What the behaviour does not take is returned as it is.
    """
    parameters: Iterable[Attribute] = subscription.behavior.takes
    return next(
        (each for each in parameters if subscription.source(each) == attribute.name), attribute
    )
