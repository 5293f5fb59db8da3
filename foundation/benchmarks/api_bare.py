"""The limit: a handler with the driver alone, and no framework at all.

It makes the same driver calls as Carafe, writes the same document, put together by hand, and
sends the same nudge. It checks nothing: neither the request nor the caller nor a repeat.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pymongo.database import Database

Document = dict[str, Any]
Event = dict[str, Any]

_PROJECTION = {"pending": 0, "handled": 0}


class Bare:
    """The handler.

    Args:
        database: of orders and products.
        nudge: sends a nudge after an order.
    """

    name = "bare"

    def __init__(self, database: Database[Document], nudge: Callable[[str, str], None]) -> None:
        self._nudge = nudge
        self._orders = database["orders"]
        self._products = database["products"]

    def __call__(self, event: Event, _context: object) -> Document:
        """Answer one request."""
        if event["httpMethod"] == "POST":
            return self._place(event)
        return self._read(event["pathParameters"]["id"])

    def _place(self, event: Event) -> Document:
        request = json.loads(event["body"])
        subject = event["requestContext"]["authorizer"]["subject"]
        identifier = str(
            uuid.uuid5(uuid.NAMESPACE_URL, subject + event["headers"]["idempotency-key"])
        )
        ids = [line["product_id"] for line in request["lines"]]
        query = {"$and": [{"deleted_at": None}, {"_id": {"$in": ids}}]}
        matches = self._products.find(
            query, _PROJECTION, sort=[("_id", 1)], limit=101, batch_size=101
        )
        products = {each["_id"]: each for each in matches.to_list()}
        lines = [
            {
                "product_id": line["product_id"],
                "name": products[line["product_id"]]["name"],
                "quantity": line["quantity"],
                "unit_price": products[line["product_id"]]["price"],
            }
            for line in request["lines"]
        ]
        digest = hashlib.sha256(event["body"].encode()).hexdigest()
        self._orders.insert_one(_document(identifier, subject, lines, request, event, digest))
        self._nudge("orders", identifier)
        headers = {"Content-Type": "application/json", "ETag": '"1"'}
        body = json.dumps({"id": identifier, "version": 1})
        return {"statusCode": 201, "headers": headers, "body": body}

    def _read(self, identifier: str) -> Document:
        document = self._orders.find_one({"_id": identifier}, _PROJECTION)
        if document is None:
            return {"statusCode": 404, "headers": {}, "body": ""}
        total = Decimal(0)
        lines = []
        for line in document["lines"]:
            price = line["unit_price"]
            total += price["amount"].to_decimal() * line["quantity"]
            money = {"amount": str(price["amount"]), "currency": price["currency"]}
            lines.append({**line, "unit_price": money})
        view = {
            "id": document["_id"],
            "version": document["version"],
            "customer_id": document["customer_id"],
            "status": document["status"],
            "placed_at": document["placed_at"].isoformat(),
            "lines": lines,
            "total": {"amount": str(total), "currency": lines[0]["unit_price"]["currency"]},
            "shipping_address": document["shipping_address"],
            "payment_reference": document["payment_reference"],
            "shipment": document["shipment"],
            "cancellation_reason": document["cancellation_reason"],
        }
        headers = {"Content-Type": "application/json", "ETag": f'"{document["version"]}"'}
        return {"statusCode": 200, "headers": headers, "body": json.dumps(view)}


def _document(  # noqa: PLR0913, PLR0917 - everything a document consists of
    identifier: str,
    subject: str,
    lines: list[Document],
    request: Document,
    event: Event,
    digest: str,
) -> Document:
    at = datetime.now(UTC)
    event_lines = [
        {**line, "unit_price": {**line["unit_price"], "amount": str(line["unit_price"]["amount"])}}
        for line in lines
    ]
    total = sum(
        (line["unit_price"]["amount"].to_decimal() * line["quantity"] for line in lines), Decimal(0)
    )
    data = {
        "order_id": identifier,
        "customer_id": subject,
        "lines": event_lines,
        "total": {"amount": str(total), "currency": lines[0]["unit_price"]["currency"]},
        "shipping_address": request["shipping_address"],
    }
    wire_type = "ordering.order.placed.v1"
    envelope = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/ordering",
        "type": wire_type,
        "subject": identifier,
        "time": at.isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "sequence": 1,
        "correlationid": str(uuid.uuid4()),
        "causationid": identifier,
        "traceparent": event["headers"]["traceparent"],
        "data": data,
    }
    entry = {
        "id": envelope["id"],
        "type": wire_type,
        "sequence": 1,
        "body": json.dumps(envelope, separators=(",", ":")),
    }
    return {
        "_id": identifier,
        "version": 1,
        "schema_version": 1,
        "sequence": 1,
        "customer_id": subject,
        "lines": lines,
        "shipping_address": request["shipping_address"],
        "status": "placed",
        "placed_at": at,
        "payment_reference": None,
        "shipment": None,
        "cancellation_reason": None,
        "pending": [entry],
        "handled": [{"id": identifier, "digest": digest, "version": 1, "at": at}],
        "pending_since": at,
    }
