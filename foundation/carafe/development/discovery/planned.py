"""A service that is only planned: it has a model, and no aggregate in its code yet."""

from pathlib import Path
from typing import TYPE_CHECKING

from carafe.development.diagrams.model import aggregates

if TYPE_CHECKING:
    from .model import Model

MODEL = Path("model.yaml")

DIAGRAMS = ("domain.md", "events.md", "behaviors.md", "processes.md")
"""Those that `carafe discover` draws from the model."""


def is_planned() -> bool:
    """Return whether there is a model and no code of it."""
    return MODEL.exists() and not aggregates()


def planned_model() -> "Model | None":
    """Return the model of a service that is only planned, otherwise None.

    Raises:
        BadModel: the model has faults.
    """
    if not is_planned():
        return None
    # A sixth of a second to import, which a service with code needs not.
    from .resolution import resolve  # noqa: PLC0415
    from .source import Source  # noqa: PLC0415

    return resolve(Source(MODEL.read_text(encoding="utf-8"), str(MODEL)))
