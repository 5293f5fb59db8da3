"""The function set: every Lambda of the service on one page.

Functions are thin: what they do stands in `chalicelib.api`, what they need is made on
first use by `chalicelib.infrastructure.bootstrap` and kept for warm invocations.
"""

from chalice.app import Chalice, CloudWatchEvent, SQSEvent

from chalicelib.api import functions, service
from chalicelib.api.orders.routes import endpoints as orders
from chalicelib.api.products.routes import endpoints as products

app = Chalice(app_name="ordering")

app.register_blueprint(service.blueprint)
app.register_blueprint(products.blueprint)
app.register_blueprint(orders.blueprint)


@app.on_sqs_message(queue="ordering-nudges", batch_size=10)
def bridge(event: SQSEvent) -> functions.BatchAnswer:
    """Relay the events of nudged documents to the bus."""
    return functions.relay_nudged(event)


@app.schedule("rate(1 minute)")
def sweep(event: CloudWatchEvent) -> dict[str, int]:
    """Relay the events that no nudge brought."""
    return functions.sweep_overdue(event)
