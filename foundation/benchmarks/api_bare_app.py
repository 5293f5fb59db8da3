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


@app.route("/orders/{id}")
def read(id: str) -> Response:  # noqa: A002 - Chalice gives parameters by their names in the path
    """Read an order."""
    answer = handler({"httpMethod": "GET", "pathParameters": {"id": id}}, None)
    return Response(answer["body"], answer["headers"], answer["statusCode"])
