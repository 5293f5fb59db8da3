"""A service that is only planned: it has a model, and no aggregate in its code yet."""

from carafe.development.diagrams.model import aggregates

from .model import Model
from .reading import MODEL
from .resolution import resolve
from .source import Source


def is_planned() -> bool:
    """Return whether there is a model and no code of it."""
    return MODEL.exists() and not aggregates()


def planned_model() -> Model | None:
    """Return the model of a service that is only planned, otherwise None.

    Raises:
        BadModel: the model has faults.
    """
    return resolve(Source(MODEL.read_text(encoding="utf-8"), str(MODEL))) if is_planned() else None
