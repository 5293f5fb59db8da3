"""Drives a service with the client and the models that were generated from its OpenAPI document.

Run where both, `ordering_client` and `ordering_models`, can be imported; its argument is JSON with
the address of the service and a token of each caller. It prints the status of each answer.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import ordering_models as models
from ordering_client import AuthenticatedClient
from ordering_client.api.orders import (
    cancel_order,
    change_shipping_address,
    deliver_order,
    get_order,
    list_orders,
    pay_order,
    place_order,
    ship_order,
)
from ordering_client.api.products import (
    change_product_price,
    discontinue_product,
    get_product,
    list_products,
    register_product,
)
from ordering_client.models import (
    Address,
    CancelOrder,
    ChangeProductPrice,
    ChangeShippingAddress,
    Money,
    OrderStatus,
    PayOrder,
    PlaceOrder,
    RegisterProduct,
    ShipOrder,
    WantedLine,
)

ADDRESS = {"recipient": "Maria Weber", "street": "Lindenallee 12", "postal_code": "04109"}


class Driver:
    """Sends requests, and keeps the status of each answer.

    Args:
        url: of the service.
        tokens: by caller.
    """

    def __init__(self, url: str, tokens: dict[str, str]) -> None:
        self.statuses: dict[str, int] = {}
        self._clients = {
            caller: AuthenticatedClient(base_url=url, token=token, raise_on_unexpected_status=True)
            for caller, token in tokens.items()
        }

    def send(self, step: str, caller: str, operation: Any, *path: str, **parts: Any) -> Any:  # noqa: ANN401 - generated
        """Send a request, and return the answer."""
        client = self._clients[caller]
        answer = operation.sync_detailed(*path, client=client, **parts)
        self.statuses[step] = int(answer.status_code)
        return answer


def manage_products(send: Callable[..., Any]) -> str:
    """Call each operation of products, and return the id of one that can be ordered."""
    price = Money(amount="24.90", currency="EUR")
    ids = []
    for sku in ("CARAFE-1L", "CARAFE-2L"):
        body = RegisterProduct(sku=sku, name=f"Carafe {sku}", price=price)
        ids.append(send("register", "merchant", register_product, body=body).parsed.id)
    change = ChangeProductPrice(price=Money(amount="19.90", currency="EUR"))
    send("change price", "merchant", change_product_price, ids[0], body=change, if_match='"1"')
    send("discontinue", "merchant", discontinue_product, ids[1], if_match="*")
    product = send("get product", "merchant", get_product, ids[0])
    page = send("list products", "merchant", list_products, limit=5)
    assert [each.id for each in page.parsed.items] == [ids[0]]
    assert page.parsed.items == [product.parsed]
    assert models.ProductView.model_validate_json(product.content).price.amount == "19.90"
    return str(ids[0])


def order(send: Callable[..., Any], product_id: str) -> str:
    """Place an order twice with one key, read it, and return its id."""
    body = PlaceOrder(
        lines=[WantedLine(product_id=product_id, quantity=2)],
        shipping_address=Address(**ADDRESS, city="Leipzig", country="DE"),
    )
    first = send("place", "customer", place_order, body=body, idempotency_key="k-1")
    again = send("place again", "customer", place_order, body=body, idempotency_key="k-1")
    assert first.parsed == again.parsed
    assert again.headers["Idempotent-Replayed"] == "true"
    page = send("list", "customer", list_orders, status=OrderStatus.PLACED, limit=5)
    assert [each.id for each in page.parsed.items] == [first.parsed.id]
    found = send("get", "customer", get_order, first.parsed.id)
    assert models.OrderPage.model_validate_json(page.content).items == [
        models.OrderView.model_validate_json(found.content)
    ]
    tag = found.headers["ETag"]
    unchanged = send("get again", "customer", get_order, first.parsed.id, if_none_match=tag)
    assert unchanged.parsed is None
    return str(first.parsed.id)


def fulfil(send: Callable[..., Any], order_id: str) -> None:
    """Bring an order to its customer, elsewhere than was said first."""
    elsewhere = Address(**ADDRESS, city="Halle", country="DE")
    move = ChangeShippingAddress(shipping_address=elsewhere)
    address = (change_shipping_address, order_id)
    changed = send("change address", "customer", *address, body=move, if_match='"7", "1"')
    assert (changed.parsed.version, changed.headers["ETag"]) == (2, '"2"')
    stale = send("change address late", "customer", *address, body=move, if_match='"1"')
    assert stale.parsed.code == "precondition_failed"
    pay = PayOrder(payment_method="card")
    send("pay", "customer", pay_order, order_id, body=pay, if_match='"2"')
    ship = ShipOrder(carrier="DHL", tracking_code="JD01")
    send("ship", "operator", ship_order, order_id, body=ship)
    send("deliver", "operator", deliver_order, order_id)
    found = send("get delivered", "customer", get_order, order_id)
    assert found.parsed.status is OrderStatus.DELIVERED
    assert found.parsed.shipping_address == elsewhere


def be_refused(send: Callable[..., Any], order_id: str) -> None:
    """Ask for what cannot be, and read the problems."""
    give_up = CancelOrder(reason="no longer needed")
    refused = send("cancel late", "customer", cancel_order, order_id, body=give_up)
    problem = models.Problem.model_validate_json(refused.content)
    assert (refused.parsed.code, refused.parsed.detail) == (problem.code, problem.detail)
    nothing = PlaceOrder(
        lines=[], shipping_address=Address(**ADDRESS, city="Leipzig", country="Germany")
    )
    malformed = send("place nothing", "customer", place_order, body=nothing)
    pointers = {each.pointer for each in malformed.parsed.errors}
    assert pointers == {"/lines", "/shipping_address/country"}
    send("deliver without scope", "customer", deliver_order, order_id)


if __name__ == "__main__":
    driver = Driver(**json.loads(sys.argv[1]))
    order_id = order(driver.send, manage_products(driver.send))
    fulfil(driver.send, order_id)
    be_refused(driver.send, order_id)
    print(json.dumps(driver.statuses))  # noqa: T201 - read by the test that started this
