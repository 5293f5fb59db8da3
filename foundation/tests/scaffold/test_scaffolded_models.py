"""Whatever a model says, the service that is scaffolded from it passes every check.

One model of everything that failed before, and a small one drawn at random; `make test-scaffold`
draws many, and puts the former to the tests on servers as well.
"""

import os
import time
from collections.abc import Callable

import pytest

from tests.support.models.checks import CHECKS, ON_SERVERS, ModelChecks
from tests.support.models.drawing import drawn_models, is_right
from tests.support.models.parts import Data
from tests.support.models.reduction import reduced
from tests.support.models.strategy import yaml_of
from tests.support.places import FOUNDATION, ROOT
from tests.support.scaffolding import IS_WHOLE, Service

FAILED_BEFORE = FOUNDATION / "tests/data/failed_before.yaml"
KEPT = ROOT / "build/test-scaffold"

COUNT = int(os.environ.get("COUNT", "0"))
SEED = int(os.environ.get("SEED", "1"))
MODEL = int(os.environ.get("MODEL", "0"))
REDUCTION_SECONDS = 600

# It draws an aggregate with a value, six commands and four subscriptions.
SEED_OF_THE_SMALL_ONE = 2


@pytest.fixture(scope="module")
def checks(bare: Service, tmp_path_factory: pytest.TempPathFactory) -> ModelChecks:
    """The checks of models in clones of a bare service."""
    return ModelChecks(bare, tmp_path_factory.mktemp("models"))


def test_what_failed_before_passes(checks: ModelChecks) -> None:
    names = [each for each in CHECKS if IS_WHOLE or each != ON_SERVERS]
    assert checks.failures(FAILED_BEFORE.read_text(encoding="utf-8"), names) == {}


def test_a_small_model_passes(checks: ModelChecks) -> None:
    model = yaml_of(drawn_models(1, seed=SEED_OF_THE_SMALL_ONE)[0])
    failures = checks.failures(model)
    assert not failures, f"{model}\n{_report(failures)}"


@pytest.mark.timeout(0)
@pytest.mark.skipif(not COUNT, reason="COUNT=50: make test-scaffold")
def test_many_models_pass(checks: ModelChecks, capsys: pytest.CaptureFixture[str]) -> None:
    def tell(text: str) -> None:
        with capsys.disabled():
            print(text)  # noqa: T201 - progress

    tell(f"\n{COUNT} models, SEED={SEED}")
    failed = 0
    for number, model in enumerate(drawn_models(COUNT, seed=SEED), 1):
        if MODEL not in {0, number}:
            continue
        start = time.monotonic()
        failures = checks.failures(yaml_of(model))
        seconds = time.monotonic() - start
        tell(f"{number:4} of {COUNT} {seconds:6.0f} s  {', '.join(failures) or 'passes'}")
        if failures:
            failed += 1
            tell(_keep(number, model, checks, failures))
    assert not failed


def _keep(number: int, model: Data, checks: ModelChecks, failures: dict[str, str]) -> str:
    """Keep a failing model and the smallest one that fails alike; return that one's text."""
    folder = KEPT / f"{SEED}-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    first = next(iter(failures))
    smallest = yaml_of(reduced(model, _fails(checks, first), REDUCTION_SECONDS))
    for name, text in (
        ("model.yaml", yaml_of(model)),
        ("smallest.yaml", smallest),
        ("report.txt", _report(failures)),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return f"\n{smallest}\n{failures[first][-2_000:]}\nkept in {folder}\n"


def _fails(checks: ModelChecks, name: str) -> Callable[[Data], bool]:
    """Return whether a model is right, and fails a check."""
    return lambda model: is_right(model) and name in checks.failures(yaml_of(model), [name])


def _report(failures: dict[str, str]) -> str:
    return "\n".join(f"== {name}\n{output}" for name, output in failures.items())
