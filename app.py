"""The function set: every Lambda of the service on one page.

Functions are thin: what they do stands in `chalicelib.api`, what they need is made on
first use by `chalicelib.infrastructure.bootstrap` and kept for warm invocations.
"""

from typing import Any

from chalice.app import AuthRequest, Chalice, CloudWatchEvent, SQSEvent

from chalicelib.api import authorizer, functions, gateway, service
from chalicelib.api.orders.routes import endpoints as orders
from chalicelib.api.products.routes import endpoints as products

app = Chalice(app_name="ordering")
app.api.binary_types = []  # all that is answered is text

gateway.stand_in()


@app.authorizer(ttl_seconds=authorizer.KEPT_SECONDS)
def authorize(request: AuthRequest) -> authorizer.Policy:
    """Say who asks, by the access token of the request."""
    return authorizer.authorize(request)


app.register_blueprint(service.blueprint)
products.register(app, authorize)
orders.register(app, authorize)


@app.on_sqs_message(queue="ordering-nudges", batch_size=10)
def bridge(event: SQSEvent) -> functions.BatchAnswer:
    """Relay the events of nudged documents to the bus."""
    return functions.relay_nudged(event)


@app.schedule("rate(1 minute)")
def sweep(event: CloudWatchEvent) -> dict[str, int]:
    """Relay the events that no nudge brought."""
    return functions.sweep_overdue(event)


@app.on_sqs_message(queue="ordering-commands", batch_size=10)
def execute(event: SQSEvent) -> functions.BatchAnswer:
    """Execute commands from the queue."""
    return functions.execute_queued(event)


# Chalice knows no Amazon MQ: the queue is connected in the deployment's template.
@app.lambda_function()
def consume(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ANN401 - Lambda's
    """Handle events of other services from the inbox."""
    return functions.consume_events(event, context)
