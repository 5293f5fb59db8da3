"""A Chalice app with pymongo and nothing else: what a function costs that does no more."""

import os
from typing import Any

from chalice.app import Chalice, Response
from pymongo import MongoClient

from .api_bare import Bare

app = Chalice(app_name="bare")

client: MongoClient[dict[str, Any]] = MongoClient(
    os.environ["MONGO_URI"], tz_aware=True, w="majority", readConcernLevel="majority"
)
handler = Bare(client[os.environ["MONGO_DATABASE"]])


@app.route("/orders", methods=["POST"])
def place() -> Response:
    """Place an order."""
    request = app.current_request
    if request is None:
        raise LookupError
    event = {
        "httpMethod": "POST",
        "headers": {
            "Idempotency-Key": request.headers["idempotency-key"],
            "traceparent": request.headers["traceparent"],
        },
        "requestContext": request.context,
        "body": request.raw_body.decode(),
    }
    answer = handler(event, None)
    return Response(answer["body"], answer["headers"], answer["statusCode"])
