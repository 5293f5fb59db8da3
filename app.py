"""The function set: every Lambda of the service on one page.

Functions are thin: what they do stands in `carafe.api.functions`, what they serve in
`chalicelib.api.wiring`, which only those import that serve or handle something, and what they need
is wired on first use as `chalicelib.infrastructure.bootstrap` declares it, and kept for warm
invocations.
"""

from typing import Any

from carafe.api.authorizer import TTL_SECONDS, Policy
from carafe.api.functions import BatchAnswer, Functions
from chalice.app import AuthRequest, Chalice, CloudWatchEvent, SQSEvent

from chalicelib.infrastructure.bootstrap import service

app = Chalice(app_name="ordering")
app.api.binary_types = []  # all that is answered is text
functions = Functions(service, "chalicelib.api.wiring:OPERATIONS", "chalicelib.api.wiring:handlers")


@app.authorizer(ttl_seconds=TTL_SECONDS)
def authorize(request: AuthRequest) -> Policy:
    """Identify the caller by the access token of the request."""
    return functions.authorize(request)


functions.add_routes(app, authorize)


@app.on_sqs_message(queue="ordering-nudges", batch_size=10)
def bridge(event: SQSEvent) -> BatchAnswer:
    """Relay the events of nudged documents to the bus."""
    return functions.relay_nudged(event)


@app.schedule("rate(1 minute)")
def sweep(event: CloudWatchEvent) -> dict[str, int]:
    """Relay the events that no nudge brought."""
    return functions.sweep_overdue(event)


@app.on_sqs_message(queue="ordering-commands", batch_size=10)
def execute(event: SQSEvent) -> BatchAnswer:
    """Execute commands from the queue."""
    return functions.execute_queued(event)


# Chalice knows no Amazon MQ: the queue is connected in the deployment's template.
@app.lambda_function()
def consume(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ANN401 - Lambda's
    """Handle events of other services from the inbox."""
    return functions.consume_events(event, context)


# Invoked by `carafe deploy`, and by operators' commands with `--stage`.
@app.lambda_function()
def migrate(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401, ARG001 - Lambda's
    """Run an operator's command, such as `database apply`, where database and broker are."""
    return functions.migrate(event)
