"""The service that a command works on: the tree around the working directory."""

import functools
import importlib
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

from carafe.development.expected_error import ExpectedError

if TYPE_CHECKING:  # a service's own code imports them; what needs none starts without
    from chalice.app import Chalice

    from carafe.api.functions import Functions
    from carafe.infrastructure.container import Container
    from carafe.infrastructure.service import Service

# The files that mark the root of a service.
ROOT_MARKERS = ("app.py", "chalicelib", ".chalice")

# The folder of the service's own demo, servers and rehearsal; each module is optional.
LOCAL = "local"

# The service's own code in its root, where .venv is as well.
SERVICE_PATHS = ("app.py", "chalicelib", LOCAL)

# The environment variable with the folder in which the command was called.
CALLED_IN = "CARAFE_CALLED_IN"


class NoProject(ExpectedError):
    """There is no service here; the message says what to do."""


class ServiceBroken(ExpectedError):
    """The code of the service cannot be loaded; the message says where it fails."""


class Project:
    """The tree of a service; its code is loaded on first use.

    Args:
        root: its root folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def service(self) -> "Service[Any]":
        """The declaration in `chalicelib/infrastructure/bootstrap.py`."""
        service: Service[Any] = self._declared("chalicelib.infrastructure.bootstrap", "service")
        return service

    @property
    def functions(self) -> "Functions":
        """The declaration of the functions in app.py."""
        functions: Functions = self._declared("app", "functions")
        return functions

    @property
    def app(self) -> "Chalice":
        """The Chalice app in app.py."""
        app: Chalice = self._declared("app", "app")
        return app

    def require_sound(self) -> None:
        """Load the service, and check what its start in AWS would take too long to check.

        Raises:
            ServiceBroken: something cannot be loaded, a reference of the declaration names
                nothing, or a published contract does not fit its event.
        """
        _ = self.app
        _require_none(self.service.faults())

    def require_references(self) -> None:
        """Load what the declaration refers to.

        Raises:
            ServiceBroken: a reference names nothing, or not what it should.
        """
        _require_none(self.service.reference_faults())

    def layer(self, name: str) -> ModuleType:
        """Return a package of `chalicelib`: `domain`, `contracts`, `infrastructure` or `api`.

        Raises:
            ServiceBroken: it cannot be loaded.
        """
        return self.module(f"chalicelib.{name}")

    def local(self, name: str, declared: str) -> Any:  # noqa: ANN401 - each has another type
        """Return an attribute of a module in the folder `local`; None if there is no such module.

        Raises:
            ServiceBroken: the module cannot be loaded, or has no such attribute.
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
        if str(self.root) not in sys.path:
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

    def _declared(self, module: str, name: str) -> Any:  # noqa: ANN401 - each has another type
        """Return an attribute of a module of the service.

        Raises:
            ServiceBroken: the module cannot be loaded, or has no such attribute.
        """
        loaded = self.module(module)
        if not hasattr(loaded, name):
            raise ServiceBroken(
                f"{module} has no `{name}`: declare it there, as every service does"
            )
        return getattr(loaded, name)

    def _place_of(self, error: Exception) -> str:
        """Return the last line of the service's code in an error's traceback."""
        frames = traceback.extract_tb(error.__traceback__)
        places = [(Path(each.filename), each.lineno) for each in frames]
        if isinstance(error, SyntaxError) and error.filename:
            places.append((Path(error.filename), error.lineno))
        roots = [self.root / each for each in SERVICE_PATHS]
        own_places = [
            place for place in places if any(place[0].is_relative_to(root) for root in roots)
        ]
        if not own_places:
            return "the service cannot be loaded"
        path, line = own_places[-1]
        return f"{path.relative_to(self.root)}, line {line}"


def _require_none(faults: list[str]) -> None:
    if faults:
        raise ServiceBroken("the declaration of the service is not right: " + "; ".join(faults))


def root_above(folder: Path) -> Path:
    """Return the root of the service around a folder.

    Raises:
        NoProject: there is none.
    """
    for each in (folder, *folder.parents):
        if all((each / mark).exists() for mark in ROOT_MARKERS):
            return each
    raise NoProject(
        "this is no service's folder, and none above it is: "
        "change to one, or create one with `carafe new DIR`"
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


def container() -> "Container[Any]":
    """Return the service wired from its environment, as `Service.container`."""
    return project().service.container()


def enter_project() -> None:
    """Change to the service's root, whichever folder below it the command was called in.

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
        """Return the absolute path."""
        path = super().convert(value, param, ctx)
        return Path(os.environ.get(CALLED_IN, ""), os.fsdecode(path))
