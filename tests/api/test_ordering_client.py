"""The client of Ordering, against the service as it is served."""

from collections.abc import Iterator, Mapping
from itertools import islice

import pytest
from carafe.client import errors
from carafe.contracts.base import CommandResult
from carafe.contracts.values import Address, Money
from carafe.infrastructure.container import Container
from carafe.testing.api_server import serving
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.proxy import HttpReplyDroppingProxy

from chalicelib.contracts.client import OrderingClient
from chalicelib.contracts.commands import (
    CancelOrder,
    ChangeProductPrice,
    ChangeShippingAddress,
    DeliverOrder,
    DiscontinueProduct,
    PayOrder,
    PlaceOrder,
    RegisterProduct,
    ShipOrder,
    WantedLine,
)
from chalicelib.contracts.queries import GetOrder, GetProduct, ListOrders, ListProducts
from chalicelib.domain.order import OrderStatus
from chalicelib.infrastructure.settings import Settings
from tests.support.callers import CUSTOMER, EVERYTHING, STRANGER

ADDRESS = Address(**AN_ADDRESS)
PRICE = Money(amount="24.90", currency="EUR")


@pytest.fixture
def url(service: Container[Settings], environment: Mapping[str, str]) -> Iterator[str]:
    """Where the service is served."""
    del service  # its database and bus are prepared
    with serving(environment) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[OrderingClient]:
    """A client that may do everything."""
    with OrderingClient(url, headers=EVERYTHING) as made:
        yield made


def a_product(client: OrderingClient, sku: str = "CARAFE-1L") -> str:
    return client.register_product(RegisterProduct(sku=sku, name="Carafe, 1 l", price=PRICE)).id


def wanted(product_id: str) -> PlaceOrder:
    lines = [WantedLine(product_id=product_id, quantity=2)]
    return PlaceOrder(lines=lines, shipping_address=ADDRESS)


def test_a_version_that_is_not_the_expected_one_is_left_alone(client: OrderingClient) -> None:
    order_id = client.place_order(wanted(a_product(client))).id
    change = ChangeShippingAddress(id=order_id, shipping_address=ADDRESS)
    with pytest.raises(errors.PreconditionFailed) as refused:
        client.change_shipping_address(change, if_match=7)
    assert refused.value.problem.status == 412
    assert client.order(GetOrder(id=order_id)).version == 1
    assert client.change_shipping_address(change, if_match=1).version == 2


def test_an_order_goes_its_whole_way(client: OrderingClient) -> None:
    product_id = a_product(client)
    client.change_price(
        ChangeProductPrice(id=product_id, price=Money(amount="19.00", currency="EUR"))
    )
    order_id = client.place_order(wanted(product_id)).id
    elsewhere = Address(**{**AN_ADDRESS, "street": "Ahornweg 3"})
    client.change_shipping_address(ChangeShippingAddress(id=order_id, shipping_address=elsewhere))
    client.pay(PayOrder(id=order_id))
    client.ship(ShipOrder(id=order_id, carrier="DHL", tracking_code="JD01"))
    assert client.deliver(DeliverOrder(id=order_id)) == CommandResult(id=order_id, version=6)
    order = client.order(GetOrder(id=order_id))
    assert (order.status, order.version) == (OrderStatus.DELIVERED, 6)
    assert order.total == Money(amount="38.00", currency="EUR")
    assert order.shipping_address == elsewhere
    assert list(client.orders()) == [order]


def test_a_product_comes_and_goes(client: OrderingClient) -> None:
    product_id = a_product(client)
    product = client.product(GetProduct(id=product_id))
    assert (product.sku, product.price) == ("CARAFE-1L", PRICE)
    assert list(client.products()) == [product]
    client.discontinue(DiscontinueProduct(id=product_id))
    assert list(client.products()) == []
    with pytest.raises(errors.NotFound) as told:
        client.product(GetProduct(id=product_id))
    assert (told.value.status, told.value.code) == (404, "not_found")


def test_pages_are_fetched_as_they_are_needed(client: OrderingClient) -> None:
    skus = [f"SKU-{number}" for number in range(5)]
    for sku in skus:
        a_product(client, sku)
    assert [each.sku for each in client.products(ListProducts(limit=2))] == skus
    pages = client.products(ListProducts(limit=2)).pages()
    assert [each.sku for each in next(pages).items] == skus[:2]
    second = next(pages)
    assert second.next_cursor is not None
    later = client.products(ListProducts(limit=2, cursor=second.next_cursor))
    assert [each.sku for each in later] == skus[4:]
    assert [each.sku for each in islice(client.products(ListProducts(limit=1)), 2)] == skus[:2]


def test_filters_are_sent(client: OrderingClient) -> None:
    product_id = a_product(client)
    paid, placed = (client.place_order(wanted(product_id)).id for _ in range(2))
    client.pay(PayOrder(id=paid))
    assert [each.id for each in client.orders(ListOrders(status=OrderStatus.PAID))] == [paid]
    assert [each.id for each in client.orders(ListOrders(status=OrderStatus.PLACED))] == [placed]


# Problems


def test_problems_are_exceptions(client: OrderingClient, url: str) -> None:
    order_id = client.place_order(wanted(a_product(client))).id
    with pytest.raises(errors.Conflict, match="order_cannot_become_delivered"):
        client.deliver(DeliverOrder(id=order_id))
    with pytest.raises(errors.ProblemReceived) as declined:
        client.pay(PayOrder(id=order_id, payment_method="declined"))
    assert (declined.value.status, declined.value.code) == (402, "payment_declined")
    with OrderingClient(url) as nobody, pytest.raises(errors.NotAuthenticated):
        nobody.order(GetOrder(id=order_id))
    with OrderingClient(url, headers=STRANGER) as stranger:
        with pytest.raises(errors.NotFound):
            stranger.cancel(CancelOrder(id=order_id, reason="mischief"))
        with pytest.raises(errors.NotAllowed):
            stranger.deliver(DeliverOrder(id=order_id))


def test_wrong_fields_are_named(client: OrderingClient) -> None:
    unchecked = CancelOrder(id="any", reason="")
    with pytest.raises(errors.RequestInvalid) as told:
        client.cancel(unchecked)
    assert [each.pointer for each in told.value.problem.errors] == ["/reason"]


def test_a_key_for_another_content_is_refused(client: OrderingClient) -> None:
    product_id = a_product(client)
    first = client.place_order(wanted(product_id), idempotency_key="cart-7")
    assert client.place_order(wanted(product_id), idempotency_key="cart-7") == first
    lines = [WantedLine(product_id=product_id, quantity=3)]
    other = PlaceOrder(lines=lines, shipping_address=ADDRESS)
    with pytest.raises(errors.RequestInvalid) as told:
        client.place_order(other, idempotency_key="cart-7")
    assert told.value.code == "command_mismatch"


# Faults between client and service


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


@pytest.mark.parametrize("lost", [1, 2])
def test_an_order_whose_answer_is_lost_is_placed_once(
    client: OrderingClient, url: str, lost: int
) -> None:
    product_id = a_product(client)
    with HttpReplyDroppingProxy(port_of(url)) as proxy:
        proxy.drop_replies(lost)
        with OrderingClient(proxy.url, headers=CUSTOMER) as unlucky:
            placed = unlucky.place_order(wanted(product_id))
        assert proxy.dropped == lost
    assert placed.version == 1
    assert [each.id for each in client.orders()] == [placed.id]


def test_an_order_that_stays_unknown_is_completed_by_its_repeat(
    client: OrderingClient, url: str
) -> None:
    product_id = a_product(client)
    with (
        HttpReplyDroppingProxy(port_of(url)) as proxy,
        OrderingClient(proxy.url, headers=CUSTOMER) as unlucky,
    ):
        proxy.drop_replies(3)
        with pytest.raises(errors.NoAnswer) as told:
            unlucky.place_order(wanted(product_id), idempotency_key="cart-8")
        assert told.value.sent
        assert proxy.dropped == 3
        placed = unlucky.place_order(wanted(product_id), idempotency_key="cart-8")
    assert [each.id for each in client.orders()] == [placed.id]


def test_a_payment_whose_answer_is_lost_is_captured_once(client: OrderingClient, url: str) -> None:
    order_id = client.place_order(wanted(a_product(client))).id
    with HttpReplyDroppingProxy(port_of(url)) as proxy:
        proxy.drop_replies(1)
        with OrderingClient(proxy.url, headers=CUSTOMER) as unlucky:
            assert unlucky.pay(PayOrder(id=order_id)).version == 3
