"""The model file that an interview writes, and the draft that it leaves when it is interrupted."""

import itertools
import sys
from pathlib import Path

import click

from carafe.development.interruption import exit_code

from .draft import Draft
from .interview import interview
from .reading import NoModel, read_model
from .service_context import own_context
from .source import Source


def interview_for(file: Path, *, dry_run: bool) -> str:
    """Return the text of the model file that the answers make up.

    If the answers end in the middle, save them as a draft and exit.

    Args:
        file: of the model; if it exists, the answers are added to it.
        dry_run: write nothing.

    Raises:
        NoModel: nothing was answered, or the file is to stay as it is.
        BadModel: the file has faults.
    """
    draft = _open_draft(file)
    try:
        interview(draft)
    except click.Abort as error:
        outcome = _save_draft(draft, file, dry_run=dry_run)
        click.echo(f"\nerror: stopped in the middle; {outcome}", err=True)
        sys.exit(exit_code(error))
    if not draft:
        raise NoModel("nothing was answered, so that nothing was written")
    return draft.text(file)


def _open_draft(file: Path) -> Draft:
    """Return a draft with the contents of a file, or an empty one."""
    if not file.parent.is_dir():
        raise NoModel(f"there is no folder {file.parent}: make it first")
    if not file.exists():
        return Draft({"context": own_context()})
    read_model(file)
    data = Source(file.read_text(encoding="utf-8"), str(file)).data
    click.echo(f"{file} exists: your answers are added to it, and its comments are lost.")
    if not click.confirm("Go on?"):
        raise NoModel(f"{file} stays as it is")
    return Draft(data)


def _save_draft(draft: Draft, file: Path, *, dry_run: bool) -> str:
    """Write the answers beside the file, and return a sentence that says where."""
    if dry_run or not draft:
        return "nothing was written"
    paths = (file.with_suffix(f".draft-{number}.yaml") for number in itertools.count(1))
    path = next(each for each in paths if not each.exists())
    path.write_text(draft.text(path), encoding="utf-8")
    return f"your answers are in {path}: complete it, and rename it to {file}"
