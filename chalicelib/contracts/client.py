"""The client of Ordering: one method for each route.

    client = OrderingClient("https://ordering.example.com", token_provider=tokens.current)
    order = client.place_order(PlaceOrder(lines=[...], shipping_address=...))
    for each in client.orders(ListOrders(status=OrderStatus.PAID)):
        client.ship(ShipOrder(id=each.id, carrier="DHL", tracking_code=...), if_match=each.version)

Every method raises ProblemReceived or NoAnswer, as `ServiceClient` says. Commands take an
`idempotency_key`; those that change an aggregate also take `if_match`, its expected version.
"""

from collections.abc import Callable, Mapping

from carafe.client.limits import Limits
from carafe.client.pages import Pages
from carafe.client.service_client import ServiceClient
from carafe.contracts.base import CommandResult

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
)
from chalicelib.contracts.queries import (
    GetOrder,
    GetProduct,
    ListOrders,
    ListProducts,
    OrderPage,
    OrderView,
    ProductPage,
    ProductView,
)


class OrderingClient(ServiceClient):
    """Orders and products of the service Ordering.

    Args:
        base_url: in front of every path.
        token_provider: returns the bearer token to send; asked before each call.
        headers: sent with every call.
        limits: on each call.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token_provider: Callable[[], str] | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(
            base_url,
            service="ordering service",
            token_provider=token_provider,
            headers=headers,
            limits=limits,
        )

    def register_product(
        self, command: RegisterProduct, *, idempotency_key: str | None = None
    ) -> CommandResult:
        """Enter a product into the catalogue."""
        return self.send("POST", "/products", command, idempotency_key=idempotency_key)

    def products(self, query: ListProducts | None = None) -> Pages[ProductView]:
        """Return the catalogue, by SKU."""
        return self.pages("/products", query or ListProducts(), ProductPage)

    def product(self, query: GetProduct) -> ProductView:
        """Return one product."""
        return self.ask("/products/{id}", query, ProductView)

    def change_price(
        self,
        command: ChangeProductPrice,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> CommandResult:
        """Let a product cost something else; placed orders keep their prices."""
        return self.send(
            "PUT",
            "/products/{id}/price",
            command,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )

    def discontinue(
        self,
        command: DiscontinueProduct,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> CommandResult:
        """Take a product out of the catalogue."""
        return self.send(
            "DELETE", "/products/{id}", command, idempotency_key=idempotency_key, if_match=if_match
        )

    def place_order(
        self, command: PlaceOrder, *, idempotency_key: str | None = None
    ) -> CommandResult:
        """Order products at today's catalogue prices."""
        return self.send("POST", "/orders", command, idempotency_key=idempotency_key)

    def orders(self, query: ListOrders | None = None) -> Pages[OrderView]:
        """Return one's own orders, latest first; operators get everybody's."""
        return self.pages("/orders", query or ListOrders(), OrderPage)

    def order(self, query: GetOrder) -> OrderView:
        """Return one order."""
        return self.ask("/orders/{id}", query, OrderView)

    def change_shipping_address(
        self,
        command: ChangeShippingAddress,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> CommandResult:
        """Send the parcel elsewhere, before it is shipped."""
        return self.send(
            "PUT",
            "/orders/{id}/shipping-address",
            command,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )

    def pay(
        self, command: PayOrder, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> CommandResult:
        """Capture the order's total; 402 when the bank declines."""
        return self.send(
            "POST",
            "/orders/{id}/payment",
            command,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )

    def ship(
        self, command: ShipOrder, *, idempotency_key: str | None = None, if_match: int | None = None
    ) -> CommandResult:
        """Note that the carrier has the parcel."""
        return self.send(
            "POST",
            "/orders/{id}/shipment",
            command,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )

    def deliver(
        self,
        command: DeliverOrder,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> CommandResult:
        """Note that the customer has the parcel."""
        return self.send(
            "POST",
            "/orders/{id}/delivery",
            command,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )

    def cancel(
        self,
        command: CancelOrder,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
    ) -> CommandResult:
        """Give an order up, before it is shipped."""
        return self.send(
            "POST",
            "/orders/{id}/cancellation",
            command,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
