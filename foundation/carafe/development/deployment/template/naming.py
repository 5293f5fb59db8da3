"""The names in the template: the same as Chalice gives to its own resources.

The logical names are the same in every stage; what AWS calls a resource begins with its stack's.
"""

from typing import Any

from chalice.app import Chalice
from chalice.utils import to_cfn_resource_name

from carafe.development.cloudformation import DELETED, KEPT
from carafe.development.deployment.stages import Stage

API_HANDLER = "api_handler"
DEFAULT_HANDLER = "APIHandler"

INTEGRATION, AUTHORIZER = "x-amazon-apigateway-integration", "x-amazon-apigateway-authorizer"
"""Where the definition of an API says what answers, and who lets in."""


def handlers(app: Chalice) -> list[str]:
    """Return every function of the app; all routes together are one function."""
    sources: list[Any] = [*app.event_sources, *app.builtin_auth_handlers]
    sources += app.pure_lambda_functions
    return [*([API_HANDLER] if app.routes else []), *(each.name for each in sources)]


def resource_of(function: str) -> str:
    """Return the logical name of a function."""
    return DEFAULT_HANDLER if function == API_HANDLER else str(to_cfn_resource_name(function))


def role_resource(function: str) -> str:
    """Return the logical name of a function's role."""
    return f"{to_cfn_resource_name(function)}Role"


def queue_resource(queue: str) -> str:
    """Return the logical name of a queue."""
    return f"{to_cfn_resource_name(queue)}Queue"


def function_name(function: str, stage: Stage) -> str:
    """Return the name of a function in AWS, the same as with `chalice deploy`."""
    return stage.stack if function == API_HANDLER else f"{stage.stack}-{function}"


def log_group(function: str, stage: Stage) -> str:
    """Return the name of the group into which Lambda writes a function's logs."""
    return f"/aws/lambda/{function_name(function, stage)}"


def fate_of(stage: Stage) -> dict[str, str]:
    """Return what becomes of messages and secrets when the stage's stack is deleted."""
    return KEPT if stage.is_kept else DELETED
