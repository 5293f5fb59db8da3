"""The declaration of a service fits the rest of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from carafe.api.openapi import openapi_of
from carafe.api.problems import Problems
from carafe.contracts.integration_events import faults_of
from carafe.development.contracts.commands import RELEASED, present_contracts
from carafe.development.contracts.snapshot import breaking_changes, read
from carafe.development.diagrams import model, wiring
from carafe.development.project import Project
from carafe.development.stored_forms.commands import form_changes

DRIVERS = ("pymongo", "bson", "gridfs", "pika", "boto3", "botocore", "cryptography")
TOOLS = ("carafe.development", "carafe.testing", "local", "tests")


class DeclarationTests:
    """What `bootstrap.py` and `wiring.py` say is true, and nothing is left out."""

    @pytest.fixture(autouse=True)
    def _in_its_folder(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(project.root)

    def test_every_reference_names_what_it_should(self, project: Project) -> None:
        assert project.service.faults() == []

    def test_every_aggregate_has_a_repository(self, project: Project) -> None:
        assert set(model.aggregates()) == project.service.repositories.keys()

    def test_every_event_of_the_domain_has_a_contract(self, project: Project) -> None:
        service = project.service
        assert faults_of(service.published, service.repositories) == []
        assert set(model.events()) <= service.published.keys()

    def test_every_message_has_a_handler(self, project: Project) -> None:
        messages = {each.message for each in project.functions.operations}
        assert messages <= wiring.service().handlers.keys()
        assert set(project.service.subscribed) == wiring.service().reactions.keys()

    def test_every_scope_that_is_asked_for_counts_in_a_token(self, project: Project) -> None:
        scopes = {each.message.scope for each in project.functions.operations} - {None}
        assert scopes <= project.service.scopes

    def test_every_problem_of_an_operation_has_an_answer(self, project: Project) -> None:
        problems = Problems(project.service.problems)
        unanswered = [
            (each.path, problem.__name__)
            for each in project.functions.operations
            for problem in each.problems
            if problems.type_of(problem) is None
        ]
        assert unanswered == []

    def test_every_contract_can_be_described(self, project: Project) -> None:
        """A field with rules needs an example."""
        operations = project.functions.operations
        document = openapi_of(project.service, operations)
        described = [
            operation["operationId"]
            for methods in document["paths"].values()
            for operation in methods.values()
        ]
        assert len(set(described)) == len(operations)

    def test_nobody_who_relies_on_the_released_contracts_is_broken(self) -> None:
        released = read(RELEASED)
        assert released is None or breaking_changes(released, present_contracts()) == []

    def test_documents_of_the_released_forms_can_be_read(self, project: Project) -> None:
        assert form_changes(project).breaks == []

    def test_app_is_imported_without_drivers_tools_and_environment(self, project: Project) -> None:
        """Each function loads on first use what it alone needs: cold starts."""
        loaded = _loaded_with_app(project.root)
        assert "chalicelib.infrastructure.bootstrap" in loaded
        unwanted = [
            name
            for name in loaded
            for each in (*DRIVERS, *TOOLS)
            if f"{name}.".startswith(f"{each}.")
        ]
        assert unwanted == []


def _loaded_with_app(root: Path) -> list[str]:
    """Return what `import app` loads, in an interpreter that knows no setting."""
    code = (
        "import app, json, sys; "
        "print(json.dumps(sorted(name for name, module in sys.modules.items() if module)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules: list[str] = json.loads(done.stdout)
    return modules
