"""The models that commands read."""

from collections.abc import Sequence
from pathlib import Path

import click

from carafe.development.expected_error import ExpectedError

from .model import Model
from .model_warnings import warnings_of
from .planned import MODEL
from .resolution import resolve
from .service_context import own_context
from .sketch import sketch
from .source import BadModel, Fault, Source, schema_comment, schema_warning

EXAMPLE = Path(__file__).parents[1] / "pages/lending.yaml"


class NoModel(ExpectedError):
    """There is no model to read; the message says what to do."""


def model_path(file: Path | None) -> Path:
    """Return the path of the model file, relative if it lies in the working directory."""
    folder = Path.cwd()
    if file is None:
        return MODEL
    return file.relative_to(folder) if file.is_relative_to(folder) else file


def example_model() -> str:
    """Return the example model with this service's context.

    Raises:
        NoService: the working directory is not a service's folder.
    """
    text = EXAMPLE.read_text(encoding="utf-8")
    own = own_context()
    for word in ("context: lending\n", "\n  lending."):  # the latter begins the own wire types
        text = text.replace(word, word.replace("lending", own))
    return schema_comment(MODEL) + text


def read_model(file: Path, *, of_any_service: bool = False) -> Model:
    """Read a model file, and print what it says but probably does not mean.

    Args:
        file: YAML.
        of_any_service: only warn if the model is another service's.

    Raises:
        NoModel: the file cannot be read.
        NoService: the working directory is not a service's folder.
        BadModel: the model has faults.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NoModel(
            f"{file} cannot be read ({type(error).__name__}): answer `carafe discover --ask`, or "
            "begin with an example: `carafe discover --example > model.yaml`"
        ) from error
    source = Source(text, str(file))
    _check_context(source, of_any_service=of_any_service)
    if warning := schema_warning(text, file):
        click.echo(f"warning: {warning}")
    model = resolve(source)
    for location, message in warnings_of(model):
        click.echo(f"warning: {file}:{source.line(location)}: {message}")
    return model


def _check_context(source: Source, *, of_any_service: bool) -> None:
    own, context = own_context(), source.data["context"]
    if context == own:
        return
    if not of_any_service:
        message = f"this tree is the service {own!r}: write that"
        raise BadModel(source.file, [Fault(source.line(("context",)), message)])
    click.echo(f"warning: this tree is the service {own!r}, not {context!r}")


def model_of(
    file: Path, category: str | None, name: str | None, attributes: Sequence[str]
) -> Model:
    """Return the model of a file, or the one that the options of a command describe.

    Args:
        file: YAML; read if there are no attributes.
        category: aggregate or value.
        name: in CamelCase.
        attributes: each as `name=type`; `name=owner` holds whose an aggregate is.

    Raises:
        NoModel: the file cannot be read, or the options describe no model.
        NoService: the working directory is not a service's folder.
        BadModel: the model has faults.
    """
    if not attributes:
        return read_model(file)
    if category not in {"aggregate", "value"}:
        raise NoModel(f"--attribute describes an aggregate or a value, not a {category}")
    model = resolve(Source(sketch(category, str(name), attributes), "--attribute"))
    if any(each.is_shared for each in model.aggregates):
        hint = "add `--attribute NAME=owner` for callers to see and change their own only"
        click.echo(f"{name} is shared, everybody with the scope sees and changes all; {hint}")
    return model
