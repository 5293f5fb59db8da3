"""What a contract holds in place of a value of the domain."""

from typing import Generic, TypeVar

from .base import Contract
from .immutability import is_immutable

D = TypeVar("D")

_BUILT = "domain value"


class Value(Contract, Generic[D], frozen=True, dict=True):
    """The wire form of a value of the domain, which decides what the wire form may hold.

        class Isbn(Value[isbn.Isbn], frozen=True):
            digits: Annotated[str, Meta(pattern=whole("[0-9]{13}"), examples=["9783442267747"])]

            def build_domain_value(self) -> isbn.Isbn:
                return isbn.Isbn(digits=self.digits)

    `carafe.contracts.validation.read` checks it by building the domain's value, and whoever
    handles the message gets that same value from `to_domain`. A wire form that the service makes
    itself, such as a part of a view, is not checked.
    """

    def build_domain_value(self) -> D:
        """Return a new value of the domain; to be called by `to_domain` alone.

        Raises:
            InvalidValue: the domain refuses it.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method build_domain_value()")

    def to_domain(self) -> D:
        """Return the domain's value: always the same one if it is immutable, or else a new one.

        Raises:
            InvalidValue: the domain refuses it.
        """
        # As functools.cached_property does, but without its lock: two threads that both build
        # the value do no harm.
        cache: dict[str, D] = self.__dict__
        value = cache.get(_BUILT)
        if value is None:
            value = self.build_domain_value()
            if is_immutable(type(value)):  # each attempt needs its own of what can change
                cache[_BUILT] = value
        return value
