"""API Gateway's own answers to browsers that ask on behalf of pages of other origins (CORS).

The functions' own answers get their headers by `carafe.api.cors`. A preflight reaches no function:
it costs no environment, and has no token.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
"""

from collections.abc import Sequence

from chalice.app import Chalice

from carafe.api import cors
from carafe.development.cloudformation import Resources
from carafe.development.deployment.stages import Stage

from .naming import INTEGRATION

NO_CONTENT = "204"
OPTIONS = "options"
OVERRIDE = "$context.responseOverride.header"

# Header names arrive as the client wrote them: in lower case over HTTP/2.
_ORIGIN = """\
#set($origin = $input.params().header.get("Origin"))
#if(!$origin || $origin == "")
#set($origin = $input.params().header.get("origin"))
#end
"""


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the additions to the API; none where a stage allows no page."""
    if not (app.routes and stage.allowed_origins):
        return {}
    paths = {
        path: {OPTIONS: _options(sorted(by_method), stage.allowed_origins)}
        for path, by_method in app.routes.items()
    }
    return {"RestAPI": {"Properties": {"DefinitionBody": {"paths": paths}}}}


def of_gateway_response(stage: Stage) -> dict[str, str]:
    """Return the headers of API Gateway's refusals, by what they are mapped from.

    A gateway response cannot look into a list: with several origins, whoever asks may read that a
    request was refused, and why.
    """
    if not stage.allowed_origins:
        return {}
    one = f"'{stage.allowed_origins[0]}'"
    asking = "method.request.header.Origin"
    return {
        cors.ALLOW_ORIGIN: one if len(stage.allowed_origins) == 1 else asking,
        "Access-Control-Expose-Headers": f"'{', '.join(cors.ANSWER_HEADERS)}'",
        "Vary": "'Origin'",
    }


def answer_template(methods: Sequence[str], origins: Sequence[str]) -> str:
    """Return the template of the answer to a preflight, in Velocity.

    Args:
        methods: what is served at the path.
        origins: of pages that may call it.
    """
    is_allowed = " || ".join(f'$origin == "{each}"' for each in origins)
    permits = [_set(name, f'"{value}"') for name, value in cors.preflight(methods).items()]
    varies = [_set(name, f'"{value}"') for name, value in cors.DIFFERS.items()]
    allowed = [f"#if({is_allowed})", _set(cors.ALLOW_ORIGIN, "$origin"), *permits, "#end", ""]
    return _ORIGIN + "\n".join([*varies, *allowed])


def _set(header: str, value: str) -> str:
    return f"#set({OVERRIDE}.{header} = {value})"


def _options(methods: Sequence[str], origins: Sequence[str]) -> Resources:
    answer = {"application/json": answer_template(methods, origins)}
    return {
        "summary": "Answer a browser that asks on behalf of a page.",
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "responses": {NO_CONTENT: {"description": "What the page may do."}},
        INTEGRATION: {
            "type": "mock",
            "passthroughBehavior": "when_no_match",
            "requestTemplates": {"application/json": f'{{"statusCode": {NO_CONTENT}}}'},
            "responses": {"default": {"statusCode": NO_CONTENT, "responseTemplates": answer}},
        },
    }
