"""The command `page`."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from carafe.development.phases import PHASES, Phase, PhaseParameter
from carafe.development.project import NoProject, root_above

FOLDER = Path(__file__).parent

NAME_IN_PAGES = re.compile(r"\bSERVICE(?!_NAME)")

OTHERS: Mapping[str, str] = {
    "growing": "Changing the model on the second day",
    "stored-forms": "Changing a live aggregate",
    "processes": "Conversations over several services, to their end or back",
    "upgrading": "A newer version of the foundation",
    "operations": "The runbook of a service in AWS",
    "stages": "Several stages, previews, rollouts, host names, browsers",
    "cost": "What a service costs a month",
    "issuers": "Access tokens of Cognito, Auth0, Entra and Keycloak",
    "testing": "What carafe.testing brings",
}
"""The pages that belong to no phase, and what they are about."""


class PageParameter(click.ParamType[Path]):
    """Takes a phase, as `PhaseParameter` does, or the name of another page."""

    name = "page"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the page's file, or end with what may be given."""
        if isinstance(value, Path):
            return value
        if str(value) in OTHERS:
            return FOLDER / f"{value}.md"
        try:
            return page_of(PhaseParameter().convert(value, param, ctx))
        except click.UsageError:
            known = ", ".join(OTHERS)
            return self.fail(f"{value!r} is no page; give 01 to 07, or one of {known}.", param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Offer all pages, with what they are about as help."""
        del ctx, param
        pages = {each.number: each.name for each in PHASES} | dict(OTHERS)
        return [
            CompletionItem(name, help=about)
            for name, about in pages.items()
            if name.startswith(incomplete)
        ]


@click.command()
@click.argument("page", type=PageParameter())
def page(page: Path) -> None:
    """Print a page: of a phase, by its number, or one of those beside the phases.

    A phase's page says what is done by hand and with commands, and when it is done. Beside them,
    `growing` is about changing the model on the second day, `stored-forms` about changing a live
    aggregate, `processes` about conversations over several services, `upgrading` about a newer
    foundation, `testing` about what carafe.testing brings; `operations` is the runbook in AWS,
    `issuers` about tokens of Cognito, Auth0, Entra and Keycloak, `cost` about a month's bill,
    `stages` about several of them, previews, rollouts, host names and browsers.

    \b
    Example:
        carafe page 02
        carafe page operations
    """
    click.echo(_about_the_service(page.read_text(encoding="utf-8")), nl=False)


def _about_the_service(text: str) -> str:
    """Return a page with the name of the service around the working directory, if there is one."""
    try:
        config = root_above(Path.cwd()) / ".chalice/config.json"
        name = str(json.loads(config.read_text(encoding="utf-8"))["app_name"])
    except (NoProject, OSError, ValueError, KeyError):
        return text
    return NAME_IN_PAGES.sub(name, text)


def page_of(phase: Phase) -> Path:
    """Return the file of a phase's page."""
    (file,) = FOLDER.glob(f"{phase.number}-*.md")
    return file
