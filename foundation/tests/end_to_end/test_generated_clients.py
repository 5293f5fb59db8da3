"""What others make of the OpenAPI document: whole clients that drive the service, and no fault."""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import urllib3

from carafe.infrastructure.container import Container
from carafe.testing.api_server import serving
from carafe.testing.description import Description
from tests.support import api_readers
from tests.support.api_readers import SETTINGS, run_node, run_python
from tests.support.callers import CUSTOMER, MERCHANT, OPERATOR
from tests.support.commands import output_of
from tests.support.places import FOUNDATION
from tests.support.scaffolding import Service

DRIVER = FOUNDATION / "tests/support/generated_client.py"
KINDS = FOUNDATION / "tests/data/kinds.yaml"

CALLERS = {"merchant": MERCHANT, "customer": CUSTOMER, "operator": OPERATOR}

DOCUMENT_OF_A_SERVICE = """
import json
from carafe.development.project import project
from carafe.testing.description import Description
print(json.dumps(Description.of(project().functions).document))
"""

STATUSES = {
    "register": 201,
    "change price": 200,
    "discontinue": 200,
    "get product": 200,
    "list products": 200,
    "place": 201,
    "place again": 201,
    "list": 200,
    "get": 200,
    "get again": 304,
    "change address": 200,
    "change address late": 412,
    "pay": 200,
    "ship": 200,
    "deliver": 200,
    "get delivered": 200,
    "cancel late": 409,
    "place nothing": 422,
    "deliver without scope": 403,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the document lies, as `openapi.json`, and what is made of it."""
    return tmp_path


def generate_client(folder: Path) -> None:
    """Generate a client; fails if a part of the document is left out."""
    settings = str(SETTINGS / "openapi-python-client.yaml")
    options = ("--meta", "none", "--config", settings, "--fail-on-warning")
    generate = ("-m", "openapi_python_client", "generate", "--path", "openapi.json", *options)
    run_python(folder, *generate, "--output-path", "ordering_client")


def generate_models(folder: Path) -> None:
    """Generate models, and import them."""
    generate = ("-m", "datamodel_code_generator", "--input", "openapi.json")
    form = ("--input-file-type", "openapi", "--formatters", "builtin")
    scopes = ("--openapi-scopes", "schemas", "parameters", "paths")
    kind = ("--output-model-type", "pydantic_v2.BaseModel", "--output", "ordering_models.py")
    run_python(folder, *generate, *form, *scopes, *kind)
    run_python(folder, "-c", "import ordering_models")


def operations_of(client: Path) -> set[str]:
    """Return the operations that a generated client has."""
    return {path.stem for path in client.glob("api/*/*.py")} - {"__init__"}


def operations_in(document: Mapping[str, Any]) -> int:
    """Return how many operations a document describes."""
    return sum(map(len, document["paths"].values()))


def test_a_generated_client_has_every_operation_and_drives_the_service(
    folder: Path, service: Container[Any], environment: Mapping[str, str]
) -> None:
    del service  # prepared
    with serving(environment) as url:
        document = urllib3.request("GET", f"{url}/openapi.json")
        (folder / "openapi.json").write_bytes(document.data)
        generate_client(folder)
        generate_models(folder)
        tokens = {name: dict(each)["Authorization"].split()[1] for name, each in CALLERS.items()}
        output = run_python(folder, str(DRIVER), json.dumps({"url": url, "tokens": tokens}))
    assert json.loads(output) == STATUSES
    assert len(operations_of(folder / "ordering_client")) == operations_in(document.json()) == 13


def test_types_for_typescript_allow_what_is_right_and_nothing_else(
    folder: Path, description: Description
) -> None:
    (folder / "openapi.json").write_text(json.dumps(description.document))
    run_node(folder, api_readers.TYPES, "openapi.json", "--output", "openapi.d.ts")
    shutil.copy2(SETTINGS / "usage.ts", folder)
    options = ("--strict", "--noEmit", "--target", "es2022", "--module", "nodenext")
    run_node(folder, api_readers.TYPESCRIPT, *options, "usage.ts")


def require_no_fault(folder: Path) -> None:
    """Fail if a linter finds something, be it a warning."""
    redocly = ("lint", "openapi.json", "--config", str(SETTINGS / "redocly.yaml"))
    run_node(folder, api_readers.REDOCLY, *redocly, "--format", "stylish")
    spectral = ("lint", "openapi.json", "--ruleset", str(SETTINGS / "spectral.yaml"))
    run_node(folder, api_readers.SPECTRAL, *spectral, "--fail-severity", "warn")


def test_linters_find_nothing(folder: Path, description: Description) -> None:
    (folder / "openapi.json").write_text(json.dumps(description.document))
    require_no_fault(folder)


def test_a_scaffolded_service_with_something_of_every_kind_is_as_well_described(
    folder: Path, bare: Service, tmp_path: Path
) -> None:
    service = bare.clone(tmp_path / "service")
    shutil.copy2(KINDS, service.folder / "model.yaml")
    service.run("carafe", "scaffold")
    text = output_of(service.folder, sys.executable, "-c", DOCUMENT_OF_A_SERVICE, PYTHONPATH=".")
    (folder / "openapi.json").write_text(text)
    generate_client(folder)
    generate_models(folder)
    assert len(operations_of(folder / "ordering_client")) == operations_in(json.loads(text)) == 15
    require_no_fault(folder)
