"""The service that a command is about: the tree around the folder in which it is called."""

import functools
import importlib
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from chalice.app import Chalice

from carafe.api.functions import Functions
from carafe.infrastructure.container import Container
from carafe.infrastructure.service import Service

# What makes a folder a service's; where all of these are, no other folder above is looked at.
MARKS = ("app.py", "chalicelib", ".chalice")

# Where the service's own demo, servers and rehearsal lie; each module is optional.
LOCAL = "local"

# What is the service's own in its folder; its .venv lies there as well.
OWN = ("app.py", "chalicelib", LOCAL)

# In the environment: the folder in which a person called the command.
CALLED_IN = "CARAFE_CALLED_IN"


class NoProject(Exception):
    """There is no service here; the message says what to do."""


class ServiceBroken(Exception):
    """The code of the service cannot be loaded; the message says where it stops."""


class Project:
    """The tree of a service; its code is loaded when it is first asked for.

    Args:
        root: its folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def service(self) -> Service[Any]:
        """The declaration in `chalicelib/infrastructure/bootstrap.py`."""
        found: Service[Any] = self._declared("chalicelib.infrastructure.bootstrap", "service")
        return found

    @property
    def functions(self) -> Functions:
        """What the functions of app.py do."""
        found: Functions = self._declared("app", "functions")
        return found

    @property
    def app(self) -> Chalice:
        """The function set."""
        found: Chalice = self._declared("app", "app")
        return found

    def room(self, name: str) -> ModuleType:
        """Return a package of `chalicelib`: `domain`, `contracts`, `infrastructure` or `api`.

        Raises:
            ServiceBroken: it cannot be loaded.
        """
        return self.module(f"chalicelib.{name}")

    def local(self, name: str, declared: str) -> Any:  # noqa: ANN401 - each is something else
        """Return what a module of the folder `local` declares; None if there is no such module.

        Raises:
            ServiceBroken: it cannot be loaded, or declares no such thing.
        """
        if not (self.root / LOCAL / f"{name}.py").exists():
            return None
        loaded = self.module(f"{LOCAL}.{name}")
        if not hasattr(loaded, declared):
            raise ServiceBroken(
                f"{LOCAL}/{name}.py has no `{declared}`: declare it there, or remove the file"
            )
        return getattr(loaded, declared)

    def module(self, name: str) -> ModuleType:
        """Return a module of the service.

        Raises:
            ServiceBroken: it cannot be loaded.
        """
        if self.root not in {Path(each).resolve() for each in sys.path}:
            sys.path.insert(0, str(self.root))
        try:
            return importlib.import_module(name)
        except ServiceBroken:
            raise
        except Exception as error:
            reason = " ".join(str(error).split())
            raise ServiceBroken(
                f"{self._place_of(error)}: {type(error).__name__}: {reason}"
            ) from error

    def _declared(self, module: str, name: str) -> Any:  # noqa: ANN401 - each is something else
        """Return what a module declares.

        Raises:
            ServiceBroken: it cannot be loaded, or declares no such thing.
        """
        loaded = self.module(module)
        if not hasattr(loaded, name):
            raise ServiceBroken(f"{module} has no `{name}`, which every service declares there")
        return getattr(loaded, name)

    def _place_of(self, error: Exception) -> str:
        """Return the last place of the service that an error went through."""
        frames = traceback.extract_tb(error.__traceback__)
        places = [(Path(each.filename), each.lineno) for each in frames]
        if isinstance(error, SyntaxError) and error.filename:
            places.append((Path(error.filename), error.lineno))
        own = [self.root / each for each in OWN]
        ours = [at for at in places if any(at[0].is_relative_to(each) for each in own)]
        if not ours:
            return "the service cannot be loaded"
        path, line = ours[-1]
        return f"{path.relative_to(self.root)}, line {line}"


def root_above(folder: Path) -> Path:
    """Return the root of the service around a folder.

    Raises:
        NoProject: there is none.
    """
    for each in (folder, *folder.parents):
        if all((each / mark).exists() for mark in MARKS):
            return each
    raise NoProject(
        "this is no service's folder, and none above it is: "
        "change to one, or make one with `carafe new DIR`"
    )


@functools.cache
def _project_at(root: Path) -> Project:
    return Project(root)


def project() -> Project:
    """Return the service around the working directory.

    Raises:
        NoProject: there is none.
    """
    return _project_at(root_above(Path.cwd()))


def container() -> Container[Any]:
    """Return the service, wired from its environment, as `Service.container`."""
    return project().service.container()


def enter_project() -> None:
    """Go on in the service's folder, wherever below it the command was called.

    Raises:
        NoProject: there is none.
    """
    called_in = Path.cwd()
    os.chdir(root_above(called_in))
    os.environ[CALLED_IN] = str(called_in)


class CallerPath(click.Path):
    """A path that is relative to the folder in which the command was called."""

    def convert(
        self,
        value: "str | os.PathLike[str]",
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """Return the path, absolute."""
        path = super().convert(value, param, ctx)
        return Path(os.environ.get(CALLED_IN, ""), os.fsdecode(path))
