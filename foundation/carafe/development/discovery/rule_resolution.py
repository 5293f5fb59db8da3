"""Resolves rules: what their names stand for, and whether their values can be compared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from .aggregate_model import Attribute, Value
from .durations import Duration
from .faults import Faults
from .names import sentence
from .rule_expressions import BEFORE, BadExpression, Comparison, Literal, Name, Term, parse_rule
from .rule_model import Condition, Known, Rule
from .source import Location
from .suggestions import did_you_mean, no_value
from .type_resolution import Entries

ORDERED = ("integer", "moment", "date", "time", "duration")
EQUAL_ONLY = ("text", "boolean")

MOST_NAMES = 2

_DAY = timedelta(days=1)


class Incomparable(ValueError):
    """A rule cannot be checked; the message says why."""


@dataclass(frozen=True)
class Scope:
    """What the names in a rule may stand for.

    Attributes:
        owner: whose rule it is, for messages.
        attributes: of the value or aggregate, by name.
        parameters: of the behaviour, by name.
        has_now: the present is known.
    """

    owner: str
    attributes: Mapping[str, Attribute]
    parameters: Mapping[str, Attribute] | None = None
    has_now: bool = False


@dataclass(frozen=True)
class RuleResolver:
    """Resolves rules against the types that a model declares.

    Attributes:
        values: the attributes of each value and entity, by their names.
        enumerations: the values of each enumeration.
        faults: of the model.
    """

    values: Mapping[str, Sequence[Attribute]]
    enumerations: Mapping[str, Sequence[str]]
    faults: Faults

    def rules(self, entries: Entries, location: Location, scope: Scope) -> Iterator[Rule]:
        """Yield the rules of a value, an aggregate or a behaviour.

        Args:
            entries: of their owner in the file.
            location: of their owner.
            scope: what they may name.
        """
        for name, each in entries.get("rules", {}).items():
            place: Location = (*location, "rules", name, "that")
            if conditions := tuple(self._conditions(each["that"], place, scope)):
                yield Rule(name, sentence(each["otherwise"]), conditions)

    def _conditions(
        self, that: str | Sequence[str], place: Location, scope: Scope
    ) -> Iterator[Condition]:
        """Yield the condition that a rule says, or several."""
        if isinstance(that, str):
            texts = [(that, place)]
        else:
            texts = [(each, (*place, position)) for position, each in enumerate(that)]
        for text, where in texts:
            try:
                comparison = parse_rule(text)
                known = tuple(self._known(name, scope) for name in comparison.names)
                yield Condition(comparison, known, self._kind(comparison, known))
            except (BadExpression, Incomparable) as error:
                self.faults.add(where, str(error))

    def _known(self, name: Name, scope: Scope) -> Known:
        if name.is_now:
            if not scope.has_now:
                raise Incomparable("now is known in the rules of behaviours only: move the rule")
            return Known(name, ())
        is_before = name.path[0] == BEFORE and scope.parameters is not None
        path = name.path[1:] if is_before else name.path
        found = scope.attributes if is_before else {**scope.attributes, **(scope.parameters or {})}
        chain: tuple[Attribute, ...] = ()
        for word in path:
            if word not in found:
                owner = chain[-1].type.name if chain else scope.owner
                raise Incomparable(f"{owner} has no {word}{did_you_mean(word, found)}")
            chain += (found[word],)
            found = {each.name: each for each in self.values.get(found[word].type.name, ())}
            if chain[-1].type.many:
                break
        if not chain or len(chain) < len(path):
            raise Incomparable(f"{'.'.join(path)} leads through a list: write that rule by hand")
        self._require_comparable(name, chain[-1])
        return Known(name, chain, is_before)

    def _require_comparable(self, name: Name, attribute: Attribute) -> None:
        kind, word = attribute.type, ".".join(name.path)
        if name.is_length:
            if not kind.many and kind.name != "text":
                raise Incomparable(f"{word} is neither a list nor a text: it has no length")
        elif kind.many or kind.name not in {*ORDERED, *EQUAL_ONLY, *self.enumerations}:
            what = "a list" if kind.many else f"of type {kind.name}"
            raise Incomparable(f"{word} is {what}, which rules do not compare: write it by hand")
        elif attribute.name == "status":
            raise Incomparable("the status has `when` and `becomes`: write no rule about it")

    def _kind(self, comparison: Comparison, known: tuple[Known, ...]) -> str:
        """Return the kind of the values that are compared.

        Raises:
            Incomparable: they are of different kinds, or have no order.
        """
        if not 1 <= len(known) <= MOST_NAMES or (known[0] == known[-1] and len(known) > 1):
            raise Incomparable("a rule compares one value with another, or with a literal")
        if len(known) > 1 and _is_sum(comparison):
            raise Incomparable("a rule compares two values: it does not add them")
        kinds = {each.name: each.kind for each in known}
        left, right = self._sum(comparison.left, kinds), self._sum(comparison.right, kinds)
        is_ordered = comparison.operator not in {"==", "!="}
        if left in self.enumerations and right == "text":
            self._require_value(left, comparison.right)
        elif right in self.enumerations and left == "text":
            self._require_value(right, comparison.left)
        elif left != right:
            raise Incomparable(f"{_phrase(left)} cannot be compared with {_phrase(right)}")
        if left not in ORDERED:
            if is_ordered:
                raise Incomparable(f"{_phrase(left)} has no order: compare with == or !=")
            if len(known) > 1:
                raise Incomparable(f"{_phrase(left)} is compared with a literal only")
        return right if right in self.enumerations else left

    def _require_value(self, enumeration: str, terms: tuple[Term, ...]) -> None:
        value, known = str(terms[0].operand), self.enumerations[enumeration]
        if value not in known:
            raise Incomparable(no_value(enumeration, value, known))

    def _sum(self, terms: tuple[Term, ...], kinds: Mapping[Name, str]) -> str:
        kind = _kind_of(terms[0].operand, kinds)
        for each in terms[1:]:
            other = _kind_of(each.operand, kinds)
            if kind == "date" and other == "duration":
                _require_days(each.operand)
            if other == kind and each.is_subtracted and kind in {"moment", "date"}:
                kind = "duration"
            elif not (other == kind == "integer" or (other == "duration" and kind in ORDERED[1:3])):
                sign = "subtracted from" if each.is_subtracted else "added to"
                raise Incomparable(f"{_phrase(other)} cannot be {sign} {_phrase(kind)}")
        return kind


def rule_resolver(values: Mapping[str, Value], data: Entries, faults: Faults) -> RuleResolver:
    """Return the resolver of a model's data."""
    parts = {name: each.attributes for name, each in values.items()}
    enumerations = {name: each["values"] for name, each in data.get("enumerations", {}).items()}
    return RuleResolver(parts, enumerations, faults)


def _is_sum(comparison: Comparison) -> bool:
    """Return whether both values stand on one side with the same sign, or would if moved there."""
    signs = [each.is_subtracted for each in comparison.left if isinstance(each.operand, Name)]
    signs += [not e.is_subtracted for e in comparison.right if isinstance(e.operand, Name)]
    return len(set(signs)) == 1


def _kind_of(operand: Name | Literal, kinds: Mapping[Name, str]) -> str:  # noqa: PLR0911 - one answer a kind
    match operand:
        case Name():
            return kinds[operand]
        case bool():
            return "boolean"
        case int():
            return "integer"
        case date():
            return "date"
        case time():
            return "time"
        case Duration():
            return "duration"
    return "text"


def _phrase(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _require_days(operand: object) -> None:
    if isinstance(operand, Duration) and operand.length % _DAY:
        raise Incomparable("a date moves by whole days")
