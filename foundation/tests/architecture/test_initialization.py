"""Each function imports at init what its first invocation needs, and nothing that it does not."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.places import FOUNDATION, ROOT

NEEDED = {
    "app": {
        "pymongo",
        "carafe.api.views",
        "chalicelib.contracts.commands",
        "chalicelib.infrastructure.repositories.order_repository",
    },
    "authorize": {"cryptography", "http.client"},
    "bridge": {"pymongo", "pika"},
    "sweep": {"pymongo", "pika"},
    "execute": {
        "pymongo",
        "http.client",
        "chalicelib.infrastructure.repositories.order_repository",
    },
    "consume": {
        "pymongo",
        "pika",
        "http.client",
        "chalicelib.infrastructure.repositories.order_repository",
    },
}
"""By function, of what is in HEAVY."""

HEAVY = {
    *set().union(*NEEDED.values()),
    "boto3",
    "botocore",
    "urllib3",
    "jsonschema",
    "carafe.api.openapi",
    "carafe.api.asyncapi",
    "carafe.api.local_gateway",
    "carafe.development",
    "carafe.testing",
}

IN_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "ordering-dev"}
LIST_MODULES = (
    "import json, sys; print(json.dumps([name for name, each in sys.modules.items() if each]))"
)
# A development package that pymongo would load if it were deployed.
IMPORT_APP = "import sys; sys.modules['OpenSSL'] = None; import app; "


def output_of(code: str, **variables: str) -> str:
    """Return what code prints in an interpreter of its own, in the folder of a service."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{FOUNDATION}", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(function: str) -> set[str]:
    """Return what is loaded when AWS Lambda has initialized a function."""
    output = output_of(IMPORT_APP + LIST_MODULES, _HANDLER=f"app.{function}", **IN_LAMBDA)
    return set(json.loads(output))


@pytest.mark.parametrize("function", NEEDED)
def test_a_function_is_initialized_with_what_it_needs(function: str) -> None:
    assert loaded_by(function) & HEAVY == NEEDED[function]


def test_a_function_of_the_service_s_own_may_handle_messages() -> None:
    assert loaded_by("nightly_report") & HEAVY == NEEDED["app"]


def test_without_lambda_nothing_is_loaded_ahead() -> None:
    loaded = set(json.loads(output_of(IMPORT_APP + LIST_MODULES, _HANDLER="app.bridge")))
    assert loaded & {"pymongo", "pika", "cryptography"} == set()
