"""The models that commands read."""

from collections.abc import Sequence
from pathlib import Path

import click

from .model import Model
from .resolving import model_in
from .sketch import own_context, sketch
from .source import BadModel, Fault, Source, schema_comment

MODEL = Path("model.yaml")
EXAMPLE = Path(__file__).parents[1] / "pages/lending.yaml"


class NoModel(Exception):
    """There is no model to read; the message says what to do."""


def chosen(file: Path | None) -> Path:
    """Return the model file that is meant, in short if it lies in the working directory."""
    here = Path.cwd()
    if file is None:
        return MODEL
    return file.relative_to(here) if file.is_relative_to(here) else file


def example_model() -> str:
    """Return a whole model, as one of this service.

    Raises:
        NoService: this is no service's tree.
    """
    _, _, text = EXAMPLE.read_text(encoding="utf-8").partition("\n")
    named = text.replace("context: lending\n", f"context: {own_context()}\n", 1)
    return schema_comment(MODEL) + named


def read_model(file: Path, *, of_any_service: bool = False) -> Model:
    """Read a model file.

    Args:
        file: YAML.
        of_any_service: only warn if it is another service's, to look at.

    Raises:
        NoModel: it cannot be read.
        NoService: this is no service's tree.
        BadModel: it has mistakes.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NoModel(
            f"{file} cannot be read ({type(error).__name__}): answer `carafe discover --ask`, or "
            "begin with an example: `carafe discover --example > model.yaml`"
        ) from error
    source = Source(text, str(file))
    own = own_context()
    if source.data["context"] != own and of_any_service:
        click.echo(f"warning: this tree is the service {own!r}, not {source.data['context']!r}")
    elif source.data["context"] != own:
        fault = Fault(
            source.line(("context",)),
            f"this tree is the service {own!r}: write that",
        )
        raise BadModel(str(file), [fault])
    return model_in(source)


def model_of(file: Path, kind: str | None, name: str | None, attributes: Sequence[str]) -> Model:
    """Return the model of a file, or one that consists of what options say.

    Raises:
        NoModel: the file cannot be read, or the options are no model.
        NoService: this is no service's tree.
        BadModel: it has mistakes.
    """
    if not attributes:
        return read_model(file)
    if kind not in {"aggregate", "value"}:
        raise NoModel(f"--attribute describes an aggregate or a value, not a {kind}")
    return model_in(Source(sketch(kind, str(name), attributes), "--attribute"))
