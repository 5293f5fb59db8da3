"""The documents of one aggregate type: written in the present form, read in every earlier one."""

import copy
import logging
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from msgspec import Struct

from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.codec import Document, codec_for, partial_decoder
from carafe.infrastructure.database.forms import schema_of, stored_fields
from carafe.infrastructure.errors import DocumentTooNew, DocumentUnreadable

from .steps import (
    KEPT,
    NO_STEPS,
    Downcaster,
    Upcaster,
    fault_of_downcasters,
    fault_of_upcasters,
    state_in,
)

__all__ = ["Documents", "Downcaster", "StateForm", "Upcaster", "log_unreadable"]

log = logging.getLogger(__name__)

A = TypeVar("A", bound=AggregateRoot)


class StateForm(Struct, frozen=True):
    """The state of an aggregate as a document has it.

    Attributes:
        version: of the form.
        state: the attributes.
    """

    version: int
    state: Document

    def change(self, deleted_at: datetime | None) -> dict[str, Any]:
        """Return the update that stores the state, or leaves nothing of it when it is deleted."""
        if deleted_at is None:
            return {"$set": self.state}
        return {"$set": {"deleted_at": deleted_at}, "$unset": dict.fromkeys(self.state, "")}


class Documents(Generic[A]):
    """Turns aggregates into documents and back.

    Args:
        aggregate: the type.
        upcasters: for each earlier version that may be stored, the step to the next one.
        downcasters: the step back from the present version, while older code runs that does not
            read it; nothing otherwise.

    Attributes:
        version: of the present form.
        written: the version in which documents are written: the one before as long as there is a
            step back.
        earliest: the first version that can be read.
        fields: the attributes in the present form.

    Raises:
        UnstorableType: an attribute has no stored form.
        ValueError: a step is missing, or one too many.
    """

    def __init__(
        self,
        aggregate: type[A],
        upcasters: Mapping[int, Upcaster],
        downcasters: Mapping[int, Downcaster] = NO_STEPS,
    ) -> None:
        if fault := fault_of_upcasters(aggregate, upcasters):
            raise ValueError(fault)
        if fault := fault_of_downcasters(aggregate, downcasters):
            raise ValueError(fault)
        self.version = schema_of(aggregate).version
        self.written = self.version - len(downcasters)
        self.earliest = min(upcasters, default=self.version)
        self.fields = stored_fields(aggregate)
        self.encode: Callable[[A], Document] = codec_for(aggregate).encode
        self._decode: Callable[[Document], A] = codec_for(aggregate).decode
        self._aggregate = aggregate
        self._name = aggregate.__name__
        self._upcasters = upcasters
        self._downcaster = downcasters.get(self.version)

    def present(self, aggregate: A) -> StateForm:
        """Return the state of an aggregate in the present form."""
        return StateForm(self.version, self.encode(aggregate))

    def to_write(self, aggregate: A) -> StateForm:
        """Return the state of an aggregate in the form in which documents are written.

        What the version before cannot hold is written in the present one: older code must wait
        for it, but nothing is lost.
        """
        present = self.present(aggregate)
        if self._downcaster is None:
            return present
        key = {"_id": aggregate.id}
        earlier = self._downcaster(self.encode(aggregate) | key)
        again = self._upcasters[self.written](copy.deepcopy(earlier))
        if again | key != present.state | key:
            return present
        return StateForm(self.written, state_in(earlier))

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

    def upcast(self, document: Document, version: int | None = None) -> Document:
        """Return a document in a later form; the one given is left as it is.

        Args:
            document: as it is stored; its bookkeeping stays, whatever the steps do.
            version: of the later form; by default the present one.

        Raises:
            DocumentTooNew: newer code wrote it.
            DocumentUnreadable: an upcaster met a damaged value.
        """
        self.require_known(document)
        version = self.version if version is None else version
        bookkeeping = {name: document[name] for name in document if name in KEPT}
        try:
            for each in range(document["schema_version"], version):
                document = self._upcasters[each](dict(document))
        except Exception as error:
            raise self.unreadable(bookkeeping["_id"], error) from error
        return document | bookkeeping | {"schema_version": version}

    def require_known(self, document: Document) -> None:
        """Require that this code can read a document's form.

        Raises:
            DocumentTooNew: newer code wrote it.
        """
        stored: Any = document.get("schema_version")
        if type(stored) is int and stored > self.version:
            log_fields = {"kind": self._name, "document": document["_id"], "form": stored}
            log.error("a stored document is newer than the code", extra=log_fields)
            raise DocumentTooNew(
                f"A stored document has the form {stored}; this code knows {self.version}. "
                "Deploy the newer code everywhere."
            )

    def migration(self, document: Document, version: int | None = None) -> dict[str, Any]:
        """Return the update that brings a stored document into a later form.

        Args:
            document: as it is stored, perhaps without its bookkeeping.
            version: of the later form; by default that in which documents are written.
        """
        upcast = self.upcast(document, self.written if version is None else version)
        state = state_in(upcast) | {"schema_version": upcast["schema_version"]}
        dropped = {name: "" for name in document if name not in upcast}
        update: dict[str, Any] = {"$set": state}
        return update | {"$unset": dropped} if dropped else update


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
