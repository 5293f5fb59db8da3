"""The seven phases from an empty folder to a service that others use."""

from dataclasses import dataclass

import click
from click.shell_completion import CompletionItem


@dataclass(frozen=True)
class Phase:
    """One phase.

    Attributes:
        number: two digits.
        name: its name.
    """

    number: str
    name: str

    def __str__(self) -> str:
        return f"{self.number} - {self.name}"


PHASES = (
    Phase("01", "Initial Setup"),
    Phase("02", "Domain Discovery"),
    Phase("03", "Domain Implementation"),
    Phase("04", "Contracts Implementation"),
    Phase("05", "Infrastructure Implementation"),
    Phase("06", "API Implementation"),
    Phase("07", "Service Client Implementation"),
)


def next_phase(phase: Phase) -> Phase | None:
    """Return the phase that follows; None after the last."""
    position = PHASES.index(phase) + 1
    return PHASES[position] if position < len(PHASES) else None


class PhaseParameter(click.ParamType[Phase]):
    """Accepts a phase as `05`, `5` or `05 - Infrastructure Implementation`."""

    name = "phase"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Phase:
        """Return the phase, or fail with the accepted values."""
        if isinstance(value, Phase):
            return value
        text = str(value).strip()
        for phase in PHASES:
            if text.zfill(2) == phase.number or text.casefold() == str(phase).casefold():
                return phase
        return self.fail(f"{text!r} is not a phase; use a number from 01 to 07.", param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the numbers, with the names as help."""
        del ctx, param
        return [
            CompletionItem(phase.number, help=phase.name)
            for phase in PHASES
            if phase.number.startswith(incomplete)
        ]
