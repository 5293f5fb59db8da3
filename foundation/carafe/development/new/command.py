"""The command `new`."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import click

import carafe
from carafe.development import INTERRUPTED
from carafe.development.up import interruptible
from carafe.development.wheel import WheelNotBuilt, build_wheel

from . import files, history, identity, place, sample
from .identity import BadIdentity, Identity

WHEELS = "wheels"

T = TypeVar("T")

Wishes = Mapping[str, str | None]
"""What each option says; None if it is not there."""


class CannotMake(Exception):
    """Nothing was made; the message says why."""


@dataclass(frozen=True)
class Question(Generic[T]):
    """What a service needs to be told.

    Attributes:
        option: that tells it.
        text: that asks for it.
        required: reads an answer, and refuses a bad one.
    """

    option: str
    text: str
    required: Callable[[str], T]


NAME = Question("--name", "Name, for people", identity.require_name)
CONTEXT = Question("--context", "Context, one word for machines", identity.require_context)
PORT = Question("--port", "Port of the API", identity.require_port)


@click.command("new")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", help="For people: Lending Desk.")
@click.option("--context", help="For machines: lending. One word, the first of every routing key.")
@click.option("--port", metavar="NUMBER", help="Of the API on a developer's machine.")
@click.option("--sample", "with_sample", is_flag=True, help="Make the sample, with its own names.")
@click.option("--yes", is_flag=True, help="Ask nothing; what no option says follows from DIR.")
def new(  # noqa: PLR0913 - one for each option
    *,
    folder: Path,
    name: str | None,
    context: str | None,
    port: str | None,
    with_sample: bool,
    yes: bool,
) -> None:
    """Make a service of your own in DIR, which is not there yet, or empty.

    It is small, and all of it is yours: an empty domain, contracts and API on the foundation,
    tests, settings, a memory bank, and a git history with one commit. What no option says is asked
    for, in a terminal. With --sample it is the reference service instead, to look at and to try.

    \b
    Example:
        carafe new ../lending
        carafe new ../lending --name "Lending Desk" --context lending --port 8100 --yes
        carafe new ../sample --sample
    """
    target = Path(os.path.realpath(folder))
    try:
        place.require_free(target)
        wishes = {"--name": name, "--context": context, "--port": port}
        if with_sample:
            who = _sample_identity(wishes)
        else:
            who = _identity(target, wishes, may_ask=not yes)
        with interruptible():
            _make(target, who, with_sample=with_sample)
        click.echo(_next(folder, with_sample=with_sample))
    except (BadIdentity, place.NoPlace, sample.NoSample, WheelNotBuilt) as error:
        raise CannotMake(f"nothing was made: {error}") from error
    except click.Abort as end:
        # click raises the same for Ctrl-C and for an input that ends; what it was stands behind.
        click.echo("\nerror: stopped in the middle; nothing was made", err=True)
        sys.exit(INTERRUPTED if isinstance(end.__context__, KeyboardInterrupt) else 1)


def _sample_identity(wishes: Wishes) -> Identity:
    if given := [option for option, wish in wishes.items() if wish is not None]:
        raise BadIdentity(f"the sample has names and a port of its own: leave out {given[0]}")
    return sample.IDENTITY


def _identity(target: Path, wishes: Wishes, *, may_ask: bool) -> Identity:
    """Return who the service is to be: what was wished, asked or follows.

    Raises:
        BadIdentity: it cannot be that.
    """
    # Nobody answers questions for nothing: a bad option is refused before the first one.
    questions: tuple[Question[str] | Question[int], ...] = (NAME, CONTEXT, PORT)
    for question in questions:
        if (wish := wishes[question.option]) is not None:
            question.required(wish)
    name = _answer(NAME, identity.name_from(target.name), wishes, may_ask=may_ask)
    context = _answer(CONTEXT, identity.context_from(name), wishes, may_ask=may_ask)
    port = _answer(PORT, str(identity.USUAL_PORT), wishes, may_ask=may_ask)
    return Identity(name, context, port)


def _answer(question: Question[T], usual: str, wishes: Wishes, *, may_ask: bool) -> T:
    """Return what was wished, or what somebody answers, or what is usual; that may be empty."""
    wish = wishes[question.option]
    if wish is not None:
        return question.required(wish)
    if not may_ask and not usual:
        raise BadIdentity(f"{question.option} is needed: the folder's name suggests none")
    if not may_ask:
        return question.required(usual)
    if not sys.stdin.isatty():
        raise BadIdentity(f"nobody can be asked here: give {question.option}, or --yes")

    def read(text: str) -> T:
        try:
            return question.required(text.strip())
        except BadIdentity as error:
            raise click.UsageError(str(error)) from error

    # An empty suggestion would be taken for an answer.
    answer: T = click.prompt(question.text, default=usual or None, value_proc=read)
    return answer


def _make(target: Path, who: Identity, *, with_sample: bool) -> None:
    """Make the service, and say what was made."""
    click.echo(f"making {who.name} ...")
    with place.made(target) as folder:
        texts = files.rendered(who, sample=with_sample)
        texts = sample.over(texts) if with_sample else texts
        files.write(texts, folder)
        build_wheel(folder / WHEELS)
        _draw(folder)
        begun = history.begin(folder, f"{who.name}, made by carafe {carafe.__version__}")
        counted = _count(folder)
    click.echo(f"{who.name} is in {target}: {counted}.")
    click.echo(begun)


def _draw(folder: Path) -> None:
    """Draw the diagrams of a service, in a process that sees its code.

    Raises:
        CannotMake: its code does not work.
    """
    done = subprocess.run(
        [sys.executable, "-B", "-m", "carafe", "diagrams"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["the diagrams failed"]
        raise CannotMake(f"nothing was made: its diagrams cannot be drawn: {said[-1]}")


def _count(folder: Path) -> str:
    """Return how much there is, without git's own files."""
    own = [
        path
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    ]
    texts = [path for path in own if path.suffix != ".whl"]
    lines = sum(path.read_text(encoding="utf-8").count("\n") for path in texts)
    return f"{len(texts)} files with {lines:,} lines, and the wheel of carafe-foundation"


def _next(folder: Path, *, with_sample: bool) -> str:
    """Return what to type next."""
    steps = [
        (f"cd {shlex.quote(str(folder))}", ""),
        ("make run", "# everything starts; the first time takes a minute or less"),
        ("make test", "# every check and every test"),
    ]
    if not with_sample:
        steps.append((".venv/bin/carafe discover --ask", "# what the domain is; then scaffold"))
    width = max(len(command) for command, _ in steps)
    lines = [f"    {command:<{width}}  {why}".rstrip() for command, why in steps]
    return "\n".join(["", "Next:", *lines])
