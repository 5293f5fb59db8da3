"""Hooks of MkDocs: adds the pages that are included and generated, and their navigation."""

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from documentation import (
    api,
    commands,
    cookbook,
    explanation,
    included,
    model_language,
    settings,
)

MEASUREMENTS = "explanation/measurements/"


def on_config(config: MkDocsConfig) -> None:
    """Fill in those parts of the navigation whose pages are not written here."""
    places = included.places().values()
    _fill(
        config.nav,
        {
            "API": list(api.pages()),
            "Cookbook": cookbook.pages(),
            "Decisions": [f"{explanation.DECISIONS}index.md", *explanation.decisions()],
            "Measurements": [place for place in places if place.startswith(MEASUREMENTS)],
        },
    )


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for place, text in pages().items():
        files.append(File.generated(config, place, content=text))
    return files


def pages() -> dict[str, str]:
    """Return the text of each page that is not written here, by its place in the site.

    Raises:
        ValueError, KeyError: a page cannot be made; the message says what to change.
    """
    return {
        **included.pages(),
        **api.pages(),
        "reference/model.md": model_language.page(),
        "reference/commands.md": commands.page(),
        "reference/settings.md": settings.page(),
        "explanation/promises.md": explanation.promises(),
        f"{explanation.DECISIONS}index.md": explanation.index(),
    }


def _fill(entries: object, generated: dict[str, list[str]]) -> None:
    """Put pages into the empty lists of the navigation, by their names."""
    if isinstance(entries, list):
        for entry in entries:
            _fill(entry, generated)
    elif isinstance(entries, dict):
        for name, inner in entries.items():
            if inner == []:
                entries[name] = generated[name]
            else:
                _fill(inner, generated)
