"""The API, for uvicorn: places an order, reads one, and lists a customer's.

A transaction writes an order together with its event. The key of a request decides the id of its
order, so that a repeat makes no second one.
"""
# mypy: disable-error-code="import-untyped,import-not-found,no-any-unimported,misc"
# mypy: disable-error-code="no-any-return,untyped-decorator"

import base64
import contextlib
import json
import os
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from beanie import init_beanie
from beanie.operators import In
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Response
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from .models import (
    Key,
    Line,
    Money,
    Order,
    OrderPage,
    OutboxEvent,
    Placed,
    PlaceOrder,
    Product,
    Status,
)
from .tokens import Caller, caller_with, load_keys

OPERATIONS = "operations"
ROUTING_KEY = "ordering.order.placed"
NEWEST_FIRST = ("-placed_at", "-_id")


@contextlib.asynccontextmanager
async def lifespan(api: FastAPI) -> AsyncIterator[None]:
    """Connect before the first request."""
    load_keys()
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        os.environ["MONGO_URI"], tz_aware=True, w="majority", readConcernLevel="majority"
    )
    await init_beanie(
        database=client[os.environ["MONGO_DATABASE"]],
        document_models=[Product, Order, OutboxEvent],
    )
    api.state.client = client
    yield
    await client.close()


app = FastAPI(lifespan=lifespan)

Reader = Annotated[Caller, Depends(caller_with("orders:read"))]
Writer = Annotated[Caller, Depends(caller_with("orders:write"))]


@app.get("/health")
async def health() -> dict[str, str]:
    """Answer that the server runs."""
    return {"status": "ok"}


@app.post("/orders", status_code=201)
async def place(
    command: PlaceOrder,
    caller: Writer,
    response: Response,
    idempotency_key: Annotated[Key, Header()],
) -> Placed:
    """Place an order for the caller, at the catalogue's prices."""
    order_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{caller.subject} {idempotency_key}"))
    lines = await _lines(command)
    order = Order(
        id=order_id,
        customer_id=caller.subject,
        placed_at=datetime.now(UTC),
        lines=lines,
        total=Money(
            amount=sum((each.unit_price.amount * each.quantity for each in lines), Decimal(0)),
            currency=lines[0].unit_price.currency,
        ),
        shipping_address=command.shipping_address,
    )
    response.headers["ETag"] = '"1"'
    with contextlib.suppress(DuplicateKeyError):  # a repeat
        await _store(order)
    return Placed(id=order_id, version=1)


@app.get("/orders/{order_id}", response_model_by_alias=False)
async def read(order_id: str, caller: Reader, response: Response) -> Order:
    """Return one order, if the caller may see it."""
    order = await Order.get(order_id)
    if order is None or (order.customer_id != caller.subject and OPERATIONS not in caller.scopes):
        raise HTTPException(404, "There is no such order.")
    response.headers["ETag"] = f'"{order.version}"'
    return order


@app.get("/orders", response_model_by_alias=False)
async def read_page(
    caller: Reader,
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(min_length=1, max_length=512)] = None,
) -> OrderPage:
    """Return a page of the caller's orders, latest first; operators see everybody's."""
    criteria: dict[str, Any] = {}
    if OPERATIONS not in caller.scopes:
        criteria["customer_id"] = caller.subject
    if status is not None:
        criteria["status"] = status.value
    if cursor is not None:
        placed_at, last_id = _position(cursor)
        criteria["$or"] = [
            {"placed_at": {"$lt": placed_at}},
            {"placed_at": placed_at, "_id": {"$lt": last_id}},
        ]
    orders = await Order.find(criteria).sort(*NEWEST_FIRST).limit(limit + 1).to_list()
    items = orders[:limit]
    return OrderPage(items=items, next_cursor=_cursor(items[-1]) if orders[limit:] else None)


async def _lines(command: PlaceOrder) -> list[Line]:
    ids = [each.product_id for each in command.lines]
    products = {each.id: each for each in await Product.find(In(Product.id, ids)).to_list()}
    if missing := set(ids) - products.keys():
        raise HTTPException(422, f"There are no products {sorted(missing)}.")
    return [
        Line(
            product_id=each.product_id,
            name=products[each.product_id].name,
            quantity=each.quantity,
            unit_price=products[each.product_id].price,
        )
        for each in command.lines
    ]


async def _store(order: Order) -> None:
    """Write the order and its event in one transaction."""
    event = _event(order)

    async def write_both(session: AsyncClientSession) -> None:
        await order.insert(session=session)
        await event.insert(session=session)

    async with app.state.client.start_session() as session:
        await session.with_transaction(write_both)


def _event(order: Order) -> OutboxEvent:
    fields = {"customer_id", "lines", "total", "shipping_address"}
    event_id = str(uuid.uuid4())
    body = {
        "specversion": "1.0",
        "id": event_id,
        "source": "/ordering",
        "type": f"{ROUTING_KEY}.v1",
        "subject": order.id,
        "time": order.placed_at.isoformat(),
        "datacontenttype": "application/json",
        "data": {"order_id": order.id, **order.model_dump(mode="json", include=fields)},
    }
    return OutboxEvent(id=event_id, routing_key=ROUTING_KEY, body=json.dumps(body))


def _cursor(order: Order) -> str:
    position = json.dumps([order.placed_at.isoformat(), order.id])
    return base64.urlsafe_b64encode(position.encode()).decode()


def _position(cursor: str) -> tuple[datetime, str]:
    try:
        placed_at, order_id = json.loads(base64.urlsafe_b64decode(cursor))
        return datetime.fromisoformat(placed_at), str(order_id)
    except ValueError as error:
        raise HTTPException(422, "Send a cursor that a page named.") from error
