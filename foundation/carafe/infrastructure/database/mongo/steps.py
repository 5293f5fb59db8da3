"""The steps between the versions of a document's form."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.database.forms import BOOKKEEPING, RESERVED, schema_of

Upcaster = Callable[[Document], Document]
"""One step of a document's form: takes the state of one version, returns that of the next."""

Downcaster = Callable[[Document], Document]
"""The step back: takes the state of the present version, returns that of the one before."""

# What a migration never touches: others write it at the same time.
KEPT = (RESERVED - {"schema_version"}) | BOOKKEEPING

NO_STEPS: Mapping[int, Callable[[Document], Document]] = MappingProxyType({})


def fault_of_upcasters(
    aggregate: type[AggregateRoot], upcasters: Mapping[int, Upcaster]
) -> str | None:
    """Return a sentence if the upcasters do not lead to the present form, step by step.

    The first steps may be left out once no document needs them any more, but not the last.

    Args:
        aggregate: the type.
        upcasters: for each earlier version that may be stored, the step to the next one.
    """
    version = schema_of(aggregate).version
    earliest = max(1, min(upcasters, default=version - 1))
    expected = [*range(earliest, version)]
    if sorted(upcasters) == expected:
        return None
    return (
        f"{aggregate.__name__} is at version {version} and needs upcasters from {expected}, "
        f"has {sorted(upcasters)}"
    )


def fault_of_downcasters(
    aggregate: type[AggregateRoot], downcasters: Mapping[int, Downcaster]
) -> str | None:
    """Return a sentence if there is a downcaster that is not the step back from the present form.

    Args:
        aggregate: the type.
        downcasters: the step back, or nothing.
    """
    version = schema_of(aggregate).version
    expected = [version] if version > 1 else []
    if not downcasters or list(downcasters) == expected:
        return None
    return (
        f"{aggregate.__name__} is at version {version} and may have downcasters from {expected}, "
        f"has {sorted(downcasters)}"
    )


def state_in(document: Document) -> Document:
    """Return what a document has beside its bookkeeping."""
    return {
        name: value
        for name, value in document.items()
        if name not in KEPT and name != "schema_version"
    }
