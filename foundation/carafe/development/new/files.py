"""The files of a new service, rendered from templates."""

from pathlib import Path

import jinja2

import carafe

from .identity import Identity

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".j2"

EXECUTABLE = frozenset({".ci/run"})
EXECUTABLE_MODE = 0o755

Files = dict[str, str]


def render(identity: Identity, *, sample: bool = False) -> Files:
    """Return the files of a service by their paths, rendered from the templates.

    Args:
        identity: of the service.
        sample: render the documents for a tree with the sample's own files.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - no HTML; names and contexts are letters, digits and spaces
    )
    values = {
        "name": identity.name,
        "context": identity.context,
        "camel": identity.camel,
        "port": identity.port,
        "version": carafe.__version__,
        "sample": sample,
    }
    return {
        name.removesuffix(SUFFIX): environment.get_template(name).render(values)
        for name in environment.list_templates(extensions=[SUFFIX.removeprefix(".")])
    }


def write(files: Files, folder: Path) -> None:
    """Write files into a folder.

    Raises:
        OSError: a file cannot be written.
    """
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if name in EXECUTABLE:
            path.chmod(EXECUTABLE_MODE)
