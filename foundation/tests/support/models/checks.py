"""Every check that a service must pass which was scaffolded from a model."""

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tests.support.scaffolding import Service

Check = Callable[[Service], object]

SCAFFOLD = "scaffold"
ON_SERVERS = "tests on servers"


def _run(*words: str) -> Check:
    return lambda service: service.run(*words)


def _require_nothing_more(service: Service) -> None:
    """Fail unless scaffolding again changes nothing."""
    service.commit()
    output = service.run("carafe", "scaffold")
    assert service.status() == "", service.status() + output
    assert not re.search("^(extended|merged|wrote|left)", output, re.MULTILINE), output


CHECKS: Mapping[str, Check] = {
    "style": _run("ruff", "check", "."),
    "format": _run("ruff", "format", "--check", "."),
    "types": _run("mypy"),
    "diagrams": _run("carafe", "diagrams", "--check"),
    "contracts": _run("carafe", "contracts", "check"),
    "unit tests": _run("pytest", "-q", "tests/unit", "tests/architecture"),
    ON_SERVERS: lambda service: service.run_tests("tests/api", "tests/infrastructure"),
    "scaffold again": _require_nothing_more,
}


class ModelChecks:
    """Scaffolds models, each in a clone of its own, and checks the result.

    Args:
        bare: a service without an aggregate, to be cloned.
        folder: for the clones.
    """

    def __init__(self, bare: Service, folder: Path) -> None:
        self._bare = bare
        self._folder = folder

    def failures(self, model: str, names: Iterable[str] = CHECKS) -> dict[str, str]:
        """Return the output of each check that fails, by its name.

        Args:
            model: the text of its file.
            names: of the checks to run, once the model is scaffolded.
        """
        service = self._bare.clone(self._folder / "service")
        try:
            (service.folder / "model.yaml").write_text(model, encoding="utf-8")
            if output := _failure(_run("carafe", "scaffold"), service):
                return {SCAFFOLD: output}
            outputs = {each: _failure(CHECKS[each], service) for each in names if each in CHECKS}
            return {name: output for name, output in outputs.items() if output}
        finally:
            shutil.rmtree(service.folder)


def _failure(check: Check, service: Service) -> str:
    """Return what a check says if it fails; empty if it passes."""
    try:
        check(service)
    except AssertionError as error:
        return str(error) or "failed"
    return ""
