"""What templates need to know about an aggregate, derived from the model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from carafe.development.discovery.lifecycle import (
    State,
    state_after,
    steps_before,
    steps_to_refusal,
    steps_to_timer,
)
from carafe.development.discovery.model import (
    Aggregate,
    Attribute,
    Behavior,
    Command,
    Event,
    Model,
    Subscription,
    Timer,
)
from carafe.development.discovery.model_warnings import unkept_parameters

from .code import requirement
from .indexes import DeclaredIndex, indexes_of
from .list_code import ListChange, list_changes
from .rendering import OPERATIONS
from .rule_code import RuleFunction, calls_of, functions_of

NO_EVENT = Event("", "", (), "")


@dataclass(frozen=True)
class DetailedBehavior(Behavior):
    """A behaviour with the parts of its code.

    Attributes:
        event: the event that it records.
        checks: statements that check its parameters.
        sets: attributes that it assigns from parameters.
        unkept: parameters that no attribute keeps and no event tells.
        previous_values: attributes that it clears, and whose old values its event contains.
        event_values: the expression for each attribute of its event.
        has_transition_check: its new status is checked against the table of transitions.
        has_status_check: it needs a check of its own, since it is allowed in fewer statuses than
            the table says, or the table does not cover it.
        steps_before: behaviours that lead from creation to a status in which it is allowed; None
            if there are none.
        steps_to_refusal: behaviours that lead to a status in which it is refused; None if there
            are none.
        steps_to_timers: for each timer that it cancels and that may be set then, the behaviours
            that lead there.
        rule_calls: calls of the functions that check rules.
        lists: changes of lists.
    """

    event: Event = NO_EVENT
    checks: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    unkept: tuple[str, ...] = ()
    previous_values: tuple[str, ...] = ()
    event_values: Mapping[str, str] | None = None
    has_transition_check: bool = False
    has_status_check: bool = False
    steps_before: list[Behavior] | None = None
    steps_to_refusal: list[Behavior] | None = None
    steps_to_timers: Mapping[str, list[Behavior]] | None = None
    rule_calls: tuple[str, ...] = ()
    lists: tuple[ListChange, ...] = ()

    @property
    def needs_now(self) -> bool:
        """Whether a rule of it depends on the present."""
        return any(each.needs_now for each in self.rules)


@dataclass(frozen=True)
class TestedTimer(Timer):
    """A timer with the steps after which it alone is set, and its behaviour is allowed.

    The behaviour sets no timer to a moment that is over by then.
    """

    steps_before: tuple[Behavior, ...] = ()


@dataclass(frozen=True)
class DetailedCommand(Command):
    """A command with the commands that lead to a status in which it is allowed, or refused."""

    steps_before: list[Command] | None = None
    steps_to_refusal: list[Command] | None = None


@dataclass(frozen=True)
class DetailedAggregate(Aggregate):
    """An aggregate with the parts of its code.

    Attributes:
        attributes_and_parameters: its attributes, and the behaviours' parameters that are none.
        status_predecessors: the statuses from which each status can be reached.
        indexes: for its queries and unique attributes.
        creating_command: the command that creates it, if there is one.
        first_event: the event that its creation records.
        tested_timers: those that a test has called.
        rule_functions: the functions that its behaviours call to check rules.
    """

    attributes_and_parameters: tuple[Attribute, ...] = ()
    status_predecessors: Mapping[str, tuple[str, ...]] | None = None
    indexes: tuple[DeclaredIndex, ...] = ()
    creating_command: Command | None = None
    first_event: Event = NO_EVENT
    tested_timers: tuple[TestedTimer, ...] = ()
    rule_functions: tuple[RuleFunction, ...] = ()

    @property
    def all_attributes(self) -> list[Attribute]:
        """Its attributes, its behaviours' parameters, and the attributes of subscribed events."""
        event_attributes = [
            each for subscription in self.subscriptions for each in subscription.attributes
        ]
        return [*self.attributes_and_parameters, *event_attributes]

    @property
    def defaults(self) -> list[Attribute]:
        """Its attributes with a default."""
        return [each for each in self.attributes if each.default is not None]

    @property
    def scopes(self) -> list[str]:
        """The scopes that all its commands and queries together require."""
        scopes = [each.scope for each in self.commands]
        return sorted({*scopes, *(each.scope for each in self.queries)})

    @property
    def usual_scopes(self) -> list[str]:
        """These scopes without that of operators."""
        return [each for each in self.scopes if each != OPERATIONS]

    @property
    def ordered_attributes(self) -> list[Attribute]:
        """Its attributes, with those without a default first."""
        return sorted(self.attributes, key=lambda each: each.may_lack or each.type.many)


def detailed(aggregate: Aggregate, model: Model) -> DetailedAggregate:
    """Return an aggregate with the parts of its code."""
    predecessors = _status_predecessors(aggregate, model)
    behaviors = {
        each.name: replace(
            _behavior(aggregate, each, predecessors),
            lists=list_changes(aggregate, each, model.values),
        )
        for each in aggregate.behaviors
    }
    commands = tuple(_command(aggregate, each, behaviors) for each in aggregate.commands)
    parameters = [
        parameter for each in aggregate.behaviors for parameter in each.takes if parameter.behavior
    ]
    attributes = vars(aggregate) | {
        "behaviors": tuple(behaviors.values()),
        "commands": commands,
        "subscriptions": tuple(
            Subscription(**vars(each) | {"behavior": behaviors[each.behavior.name]})
            for each in aggregate.subscriptions
        ),
    }
    return DetailedAggregate(
        **attributes,
        attributes_and_parameters=(*aggregate.attributes, *parameters),
        status_predecessors=predecessors,
        indexes=indexes_of(aggregate),
        creating_command=next((each for each in commands if each.behavior.creates), None),
        first_event=aggregate.event(aggregate.creation.records),
        tested_timers=tuple(_tested_timers(aggregate)),
        rule_functions=tuple(functions_of(aggregate)),
    )


def _status_predecessors(aggregate: Aggregate, model: Model) -> Mapping[str, tuple[str, ...]]:
    """Return the statuses from which each can be reached; without those reachable from any."""
    if aggregate.status is None or aggregate.status.type.name not in model.enumerations:
        return {}
    predecessors: dict[str, tuple[str, ...]] = {}
    values = model.enumerations[aggregate.status.type.name].values
    for value in values:
        causes = [
            each for each in aggregate.behaviors if each.becomes == value and not each.creates
        ]
        if causes and all(each.when for each in causes):
            earlier = {status for each in causes for status in each.when}
            predecessors[value] = tuple(each for each in values if each in earlier)
    return predecessors


def _behavior(
    aggregate: Aggregate, behavior: Behavior, predecessors: Mapping[str, tuple[str, ...]]
) -> DetailedBehavior:
    event = aggregate.event(behavior.records)
    attributes = {each.name for each in aggregate.attributes}
    event_values = {each.name: _event_value(aggregate, behavior, each.name) for each in event.tells}
    is_in_table = behavior.becomes in predecessors and not behavior.creates
    allowed = set(predecessors.get(behavior.becomes, ()))
    dues = [each.due for each in behavior.timers]
    return DetailedBehavior(
        **vars(behavior),
        event=event,
        checks=tuple(
            check
            for each in behavior.takes
            if (check := requirement(each, each.name, lies_ahead=each in dues))
        ),
        sets=tuple(each.name for each in behavior.takes if each.name in attributes),
        unkept=unkept_parameters(aggregate, behavior),
        previous_values=tuple(each for each in behavior.clears if each in event_values),
        event_values=event_values,
        has_transition_check=is_in_table,
        has_status_check=bool(behavior.when) and (not is_in_table or set(behavior.when) != allowed),
        steps_before=None if behavior.creates else steps_before(aggregate, behavior),
        steps_to_refusal=None if behavior.creates else steps_to_refusal(aggregate, behavior),
        steps_to_timers={
            each: steps
            for each in behavior.cancels
            if (steps := steps_to_timer(aggregate, each, behavior)) is not None
        },
        rule_calls=calls_of(aggregate, behavior),
    )


def _tested_timers(aggregate: Aggregate) -> Iterator[TestedTimer]:
    for timer in aggregate.timers:
        steps = steps_to_timer(aggregate, timer.name, timer.behavior)
        others = [each.name for each in aggregate.timers if each is not timer]
        if (
            steps is not None
            and not any(rule.needs_now for each in (*steps, timer.behavior) for rule in each.rules)
            and not any(_is_set_after(steps, each, aggregate) for each in others)
            and not any(isinstance(each.due, Attribute) for each in timer.behavior.timers)
        ):
            yield TestedTimer(**vars(timer), steps_before=tuple(steps))


def _is_set_after(steps: list[Behavior], timer: str, aggregate: Aggregate) -> bool:
    state = State("")
    for each in (aggregate.creation, *steps):
        state = state_after(each, state, timer)
    return state.has_timer


def _event_value(aggregate: Aggregate, behavior: Behavior, name: str) -> str:
    """Return the expression for an attribute of the event that a behaviour records."""
    if name in {each.name for each in behavior.takes} | set(behavior.clears):
        return name
    return f"{aggregate.snake}.{name}" if behavior.creates else f"self.{name}"


def _command(
    aggregate: Aggregate, command: Command, behaviors: Mapping[str, DetailedBehavior]
) -> DetailedCommand:
    by_behavior = {each.behavior.name: each for each in aggregate.commands}
    behavior = behaviors[command.behavior.name]

    def as_commands(steps: list[Behavior] | None) -> list[Command] | None:
        return None if steps is None else [by_behavior[each.name] for each in steps]

    changes = not behavior.creates
    before = steps_before(aggregate, behavior, by_behavior) if changes else None
    to_refusal = steps_to_refusal(aggregate, behavior, by_behavior) if changes else None
    return DetailedCommand(
        **vars(command) | {"behavior": behavior},
        steps_before=as_commands(before),
        steps_to_refusal=as_commands(to_refusal),
    )
