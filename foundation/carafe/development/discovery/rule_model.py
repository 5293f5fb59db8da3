"""Rules: what must hold of a value, of an aggregate, or before a behaviour."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .names import snake
from .rule_expressions import Comparison, Name

if TYPE_CHECKING:
    from .aggregate_model import Attribute


@dataclass(frozen=True)
class Known:
    """A name in a rule, and what it stands for.

    Attributes:
        name: in the rule.
        chain: the attribute or parameter, and those within it; empty for the present.
        is_before: it is the attribute as it was before the behaviour.
    """

    name: Name
    chain: "tuple[Attribute, ...]"
    is_before: bool = False

    @property
    def root(self) -> "Attribute":
        """The attribute or parameter itself."""
        return self.chain[0]

    @property
    def argument(self) -> str:
        """The name under which a function gets the attribute or parameter, or the present."""
        if not self.chain:
            return "at"
        return f"{self.root.name}_before" if self.is_before else self.root.name

    @property
    def kind(self) -> str:
        """What it is compared as: the name of a type, or `integer` for a length."""
        if not self.chain:
            return "moment"
        return "integer" if self.name.is_length else self.chain[-1].type.name


@dataclass(frozen=True)
class Condition:
    """A comparison that holds as long as something it names is missing.

    Attributes:
        comparison: what must hold.
        known: what the names in it stand for.
        kind: of the values that it compares.
    """

    comparison: Comparison
    known: tuple[Known, ...]
    kind: str

    @property
    def needs_now(self) -> bool:
        """Whether it depends on the present."""
        return any(each.name.is_now for each in self.known)


@dataclass(frozen=True)
class Rule:
    """What must hold.

    Attributes:
        name: a sentence in CamelCase.
        otherwise: what is said to whoever would break it.
        conditions: all of them must hold.
    """

    name: str
    otherwise: str
    conditions: tuple[Condition, ...]

    @property
    def code(self) -> str:
        """The stable code of the error."""
        return snake(self.name)

    @property
    def known(self) -> tuple[Known, ...]:
        """What the names in its conditions stand for, each once."""
        return tuple(dict.fromkeys(known for each in self.conditions for known in each.known))

    @property
    def needs_now(self) -> bool:
        """Whether it depends on the present."""
        return any(each.needs_now for each in self.conditions)
