"""The packaged functions run as AWS Lambda runs them, beside nothing but what it supplies."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from carafe.development.deployment import archive, tools
from carafe.development.deployment.package import CODE, Package
from carafe.development.project import Project
from carafe.development.rehearse.commands import prepare_rehearsal, run_rehearsal
from carafe.development.rehearse.environment import Environment, Function, TimedOut
from carafe.development.rehearse.errors import RehearsalFailed
from carafe.development.rehearse.rehearsal import Rehearsal
from carafe.development.servers.stack import Stack
from carafe.infrastructure.event_bus.rabbitmq import LONGEST_IDLE_SECONDS

# Long enough that a function does not trust its connection to the broker any more; `make rehearse`
# takes longer.
FREEZE_SECONDS = LONGEST_IDLE_SECONDS + 1

HEAVY = {"pymongo", "pika", "boto3", "cryptography", "urllib3"}

NEEDED = {
    "app": {"pymongo"},
    "authorize": {"cryptography"},
    "bridge": {"pymongo", "pika"},
    "sweep": {"pymongo", "pika"},
    "consume": {"pymongo", "pika"},
    "execute": {"pymongo"},
    "migrate": {"pymongo", "pika"},
}
"""Of them; nobody needs the SDK of AWS, and only calls to other services urllib3."""


@pytest.fixture(scope="module")
def rehearsal(
    project: Project,
    stack: Stack,
    packages: Mapping[str, Package],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Rehearsal]:
    """The service's own rehearsal, to its end, of functions that tell what they import."""
    folder = tmp_path_factory.mktemp("rehearsal")
    package, logs, options = packages["prod"].folder, folder / "logs", ["-X", "importtime"]
    with prepare_rehearsal(project, stack, package, folder, logs, options) as rehearsal:
        run_rehearsal(rehearsal, FREEZE_SECONDS, print)
        yield rehearsal


def test_every_function_was_played(rehearsal: Rehearsal) -> None:
    assert rehearsal.functions.environments.keys() == NEEDED.keys()
    for function in NEEDED:
        for kind in ("cold", "warm", "thawed"):
            assert rehearsal.functions.stopwatch.median(function, kind) is not None


@pytest.mark.parametrize("function", NEEDED)
def test_each_function_imports_only_what_it_uses(rehearsal: Rehearsal, function: str) -> None:
    log = rehearsal.functions.environments[function].log.read_text()
    imported = set(re.findall(r"^import time:.*\| +(\w+)$", log, flags=re.MULTILINE))
    assert imported & HEAVY == NEEDED[function]


def test_logs_hold_no_secret(rehearsal: Rehearsal) -> None:
    for environment in rehearsal.functions.environments.values():
        log = environment.log.read_text()
        lines = [line for line in log.splitlines() if not line.startswith("import time:")]
        message = "\n".join(lines)
        for secret in ("guest", "only-for-the-rehearsal", "mongodb://", "amqps://", "Lindenallee"):
            assert secret not in message


@pytest.mark.parametrize("metric", ["pending_age_seconds", "timer_overdue_seconds"])
def test_metrics_are_written_as_cloudwatch_reads_them(rehearsal: Rehearsal, metric: str) -> None:
    log = rehearsal.functions.environments["sweep"].log.read_text()
    records = re.findall(rf'\{{"at"(?:(?!\{{"at").)*"{metric}": [0-9.]+.*?\}}', log)
    assert json.loads(records[0])["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Carafe"


@pytest.fixture(scope="module")
def code(packages: Mapping[str, Package], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of a package."""
    folder = tmp_path_factory.mktemp("code")
    archive.unpack_compiled(packages["prod"].folder / CODE, folder)
    return folder


@pytest.fixture
def unpacked(code: Path, tmp_path: Path) -> Path:
    """The code of a package, to be spoiled: files may go or come, but none may be written to."""
    return shutil.copytree(code, tmp_path / "task", copy_function=os.link)


def _environment(code: Path, **variables: str) -> Environment:
    function = Function("ordering-prod-bridge", "app.bridge", 5.0, variables)
    log = code.parent / "bridge.log"
    return Environment(function, code, tools.folder_of(tools.RUNTIME), log)


def _first_failure(environment: Environment) -> str:
    with pytest.raises(RehearsalFailed) as failure:
        environment.invoke({"Records": []})
    environment.end()
    return str(failure.value)


@pytest.mark.parametrize("module", ["pymongo", "chalice", "chalicelib/domain"])
def test_a_missing_module_is_found(unpacked: Path, module: str) -> None:
    shutil.rmtree(unpacked / module)
    message = _first_failure(_environment(unpacked, STAGE="prod"))
    assert module.partition("/")[0] in message or "settings" in message.lower()


def test_a_missing_variable_is_found_and_no_value_told(unpacked: Path) -> None:
    variables = {"STAGE": "prod", "MONGO_URI": "mongodb+srv://user:password@host.example.com/"}
    message = _first_failure(_environment(unpacked, **variables))
    assert "RABBITMQ_URL is missing" in message
    assert "password" not in message


def test_an_environment_that_takes_too_long_is_killed(unpacked: Path) -> None:
    (unpacked / "slow.py").write_text(
        "import time\n\ndef handle(event, context):\n    time.sleep(60)\n"
    )
    function = Function("slow", "slow.handle", 0.5, {})
    environment = Environment(
        function, unpacked, tools.folder_of(tools.RUNTIME), unpacked.parent / "slow.log"
    )
    with pytest.raises(TimedOut):
        environment.invoke({})
    assert environment.pid is None
