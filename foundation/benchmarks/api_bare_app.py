"""A Chalice app with pymongo and nothing else: what a function costs that does no more."""

import json
import os
from typing import Any

from chalice.app import Chalice, Response
from pymongo import MongoClient

from .api_bare import Bare

app = Chalice(app_name="bare")


def nudge(collection: str, identifier: str, _due: object = None) -> None:
    """Send a nudge by the same client as Carafe."""
    from carafe.infrastructure.aws.client import AwsClient  # noqa: PLC0415 - reading needs none
    from carafe.infrastructure.aws.configuration import SQS  # noqa: PLC0415 - the same
    from carafe.infrastructure.aws.services import Sqs  # noqa: PLC0415 - the same

    body = json.dumps({"collection": collection, "id": identifier})
    queue_url = os.environ["NUDGE_QUEUE_URL"]
    Sqs(AwsClient(SQS, 1, 1)).send_message(QueueUrl=queue_url, MessageBody=body)


client: MongoClient[dict[str, Any]] = MongoClient(
    os.environ["MONGO_URI"], tz_aware=True, w="majority", readConcernLevel="majority"
)
handler = Bare(client[os.environ["MONGO_DATABASE"]], nudge)


@app.route("/orders/{id}")
def read(id: str) -> Response:  # noqa: A002 - Chalice gives parameters by their names in the path
    """Read an order."""
    return _answered({"httpMethod": "GET", "pathParameters": {"id": id}})


@app.route("/orders", methods=["POST"])
def place() -> Response:
    """Place an order."""
    request: Any = app.current_request
    return _answered(
        {
            "httpMethod": "POST",
            "headers": dict(request.headers),
            "body": request.raw_body.decode(),
            "requestContext": request.context,
        }
    )


def _answered(event: dict[str, Any]) -> Response:
    answer = handler(event, None)
    return Response(answer["body"], answer["headers"], answer["statusCode"])
