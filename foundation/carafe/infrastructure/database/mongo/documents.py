"""The documents of one aggregate type: written in the present form, read in every earlier one."""

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.codec import Document, codec_for, partial_decoder
from carafe.infrastructure.database.forms import BOOKKEEPING, RESERVED, schema_of, stored_fields
from carafe.infrastructure.errors import DocumentTooNew, DocumentUnreadable

log = logging.getLogger(__name__)

A = TypeVar("A", bound=AggregateRoot)

Upcaster = Callable[[Document], Document]
"""One step of a document's form: takes the state of one version, returns that of the next."""


class Documents(Generic[A]):
    """Turns aggregates into documents and back.

    Args:
        aggregate: the type.
        upcasters: for each earlier version that may be stored, the step to the next one.

    Raises:
        UnstorableType: an attribute has no stored form.
        ValueError: a step is missing, or one too many.
    """

    def __init__(self, aggregate: type[A], upcasters: Mapping[int, Upcaster]) -> None:
        if fault := fault_of_upcasters(aggregate, upcasters):
            raise ValueError(fault)
        self.version = schema_of(aggregate).version
        self.earliest = min(upcasters, default=self.version)
        self.fields = stored_fields(aggregate)
        self.encode: Callable[[A], Document] = codec_for(aggregate).encode
        self._decode: Callable[[Document], A] = codec_for(aggregate).decode
        self._aggregate = aggregate
        self._name = aggregate.__name__
        self._upcasters = upcasters

    def decode(self, document: Document, names: frozenset[str] | None = None) -> A:
        """Return the aggregate in a document.

        Args:
            document: in any form that this code knows.
            names: of the only attributes that the aggregate needs; None for all.

        Raises:
            DocumentUnreadable: an attribute is missing or damaged.
            DocumentTooNew: newer code wrote it.
        """
        decode = self._decode if names is None else partial_decoder(self._aggregate, names)
        try:
            if document["schema_version"] != self.version:
                document = self.upcast(document)
            return decode(document)
        except (DocumentTooNew, DocumentUnreadable):
            raise
        except Exception as error:
            raise self.unreadable(document["_id"], error) from error

    def unreadable(self, identifier: str | None, error: Exception) -> DocumentUnreadable:
        """Log which document is damaged, and return the error that does not say it.

        Only the log says which one: the caller may not be allowed to know.

        Args:
            identifier: of the document; None if it is unknown.
            error: what reading it raised.
        """
        log_unreadable(self._name, identifier, error)
        return DocumentUnreadable(
            "A stored document does not fit the code; the log says which one."
        )

    def upcast(self, document: Document) -> Document:
        """Return a document in the present form; the one given is left as it is.

        Raises:
            DocumentTooNew: newer code wrote it.
            DocumentUnreadable: an upcaster met a damaged value.
        """
        stored: Any = document.get("schema_version")
        if type(stored) is int and stored > self.version:
            log_fields = {"kind": self._name, "document": document["_id"], "form": stored}
            log.error("a stored document is newer than the code", extra=log_fields)
            raise DocumentTooNew(
                f"A stored document has the form {stored}; this code knows {self.version}. "
                "Deploy the newer code everywhere."
            )
        try:
            for version in range(stored, self.version):
                document = self._upcasters[version](dict(document))
        except Exception as error:
            raise self.unreadable(document["_id"], error) from error
        return document | {"schema_version": self.version}

    def migration(self, document: Document) -> dict[str, Any]:
        """Return the update that brings a stored document into the present form."""
        upcast = self.upcast(document)
        state = {name: value for name, value in upcast.items() if name not in KEPT}
        dropped = {name: "" for name in document if name not in upcast}
        update: dict[str, Any] = {"$set": state}
        return update | {"$unset": dropped} if dropped else update


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


def log_unreadable(kind: str, identifier: str | None, error: Exception) -> None:
    """Log that a document cannot be read: which one and where, but none of its values.

    Args:
        kind: name of the aggregate's class.
        identifier: of the document; None if it is unknown.
        error: what reading it raised; its message may quote personal data.
    """
    log_fields = {
        "kind": kind,
        "document": identifier,
        "fault": type(error).__name__,
        "place": traceback.format_tb(error.__traceback__),
    }
    log.error("a stored document cannot be read", extra=log_fields)


# What a migration never touches: others write it at the same time.
KEPT = (RESERVED - {"schema_version"}) | BOOKKEEPING
