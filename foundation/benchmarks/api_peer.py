"""A common choice: Powertools' resolver, pydantic models, and its own outbox.

Two collections, order and outbox, are written in one transaction, so that the event is not lost.
https://docs.powertools.aws.dev/lambda/python/latest/core/event_handler/api_gateway/
"""
# mypy: disable-error-code="import-untyped,import-not-found,no-any-unimported,misc"

import os
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import ForbiddenError, NotFoundError
from bson.decimal128 import Decimal128
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pymongo.client_session import ClientSession
from pymongo.database import Database

from carafe.infrastructure.identifiers import new_id

Document = dict[str, Any]

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Money(_Model):
    """An amount and its currency."""

    amount: Decimal
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


class Address(_Model):
    """A postal address."""

    recipient: Text
    street: Text
    city: Text
    postal_code: Text
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class LineRequest(_Model):
    """A product and its quantity."""

    product_id: Text
    quantity: Annotated[int, Field(ge=1, le=1000)]


class PlaceOrder(_Model):
    """The body of the request."""

    lines: Annotated[list[LineRequest], Field(min_length=1, max_length=100)]
    shipping_address: Address


class Line(_Model):
    """One line of an order."""

    product_id: str
    name: str
    quantity: int
    unit_price: Money


class Order(_Model):
    """An order, as the API returns it."""

    id: str
    version: int
    customer_id: str
    status: str
    placed_at: datetime
    lines: list[Line]
    total: Money
    shipping_address: Address
    payment_reference: str | None = None


class Placed(_Model):
    """The answer to a placed order."""

    id: str
    version: int


class Peer:
    """The handler.

    Args:
        database: of orders, outbox and products.
    """

    name = "Powertools"

    def __init__(self, database: Database[Document]) -> None:
        self._orders = database["peer_orders"]
        self._outbox = database["peer_outbox"]
        self._products = database["products"]
        self._client = database.client
        silent = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for good
        self._log = Logger(service="peer", stream=silent)
        self._app = APIGatewayRestResolver(enable_validation=True)
        self._app.post("/orders")(self._place)
        self._app.get("/orders/<order_id>")(self._read)

    def __call__(self, event: Document, context: Any) -> Document:  # noqa: ANN401 - Lambda's
        """Answer one request."""
        answer: Document = self._app.resolve(event, context)
        self._log.info("answered", extra={"status": answer["statusCode"]})
        return answer

    def _place(self, command: PlaceOrder) -> Response[Placed]:
        subject = self._permitted("orders:write")
        ids = [line.product_id for line in command.lines]
        products = {each["_id"]: each for each in self._products.find({"_id": {"$in": ids}})}
        lines = [
            Line(
                product_id=line.product_id,
                name=products[line.product_id]["name"],
                quantity=line.quantity,
                unit_price=_money(products[line.product_id]["price"]),
            )
            for line in command.lines
        ]
        order = Order(
            id=new_id(),
            version=1,
            customer_id=subject,
            status="placed",
            placed_at=datetime.now(UTC),
            lines=lines,
            total=Money(
                amount=sum((each.unit_price.amount * each.quantity for each in lines), Decimal(0)),
                currency=lines[0].unit_price.currency,
            ),
            shipping_address=command.shipping_address,
        )
        self._store(order)
        body = Placed(id=order.id, version=1)
        return Response(201, content_type="application/json", body=body, headers={"ETag": '"1"'})

    def _store(self, order: Order) -> None:
        event = {
            "_id": new_id(),
            "type": "ordering.order.placed.v1",
            "subject": order.id,
            "at": order.placed_at,
            "data": order.model_dump(mode="json"),
        }
        document = _stored(order.model_dump())
        document["_id"] = document.pop("id")

        def both(session: ClientSession) -> None:
            self._orders.insert_one(document, session=session)
            self._outbox.insert_one(event, session=session)

        with self._client.start_session() as session:
            session.with_transaction(both)

    def _read(self, order_id: str) -> Order:
        subject = self._permitted("orders:read")
        document = self._orders.find_one({"_id": order_id})
        if document is None or document["customer_id"] != subject:
            raise NotFoundError("There is no such order.")
        document["id"] = document.pop("_id")
        order: Order = Order.model_validate(_loaded(document))
        return order

    def _permitted(self, scope: str) -> str:
        granted = self._app.current_event.raw_event["requestContext"]["authorizer"]
        if scope not in granted["scopes"].split():
            raise ForbiddenError("This needs another scope.")
        return str(granted["subject"])


def _money(stored: Document) -> Money:
    return Money(amount=stored["amount"].to_decimal(), currency=stored["currency"])


def _stored(value: Any) -> Any:  # noqa: ANN401 - what pydantic made
    """Turn decimals into the driver's."""
    if isinstance(value, dict):
        return {name: _stored(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_stored(each) for each in value]
    return Decimal128(value) if isinstance(value, Decimal) else value


def _loaded(value: Any) -> Any:  # noqa: ANN401 - what the driver read
    """Turn the driver's decimals into Python's."""
    if isinstance(value, dict):
        return {name: _loaded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_loaded(each) for each in value]
    return value.to_decimal() if isinstance(value, Decimal128) else value
