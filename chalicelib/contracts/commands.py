"""The commands: what others may ask the service to change."""

from typing import Annotated, ClassVar

from carafe.contracts.base import Command, Contract
from carafe.contracts.values import Address, Identifier, Money, Text, shown_as
from msgspec import Meta

from chalicelib.domain.order_line import MOST_LINES

from .scopes import OPERATIONS, WRITE_CATALOGUE, WRITE_ORDERS
from .values import Name, Quantity, Sku


class RegisterProduct(Command, frozen=True):
    """Enter a product into the catalogue."""

    wire_name: ClassVar[str] = "ordering.register_product"
    scope: ClassVar[str] = WRITE_CATALOGUE

    sku: Sku
    name: Name
    price: Money


class ChangeProductPrice(Command, frozen=True):
    """Let a product cost something else; placed orders keep their prices."""

    wire_name: ClassVar[str] = "ordering.change_product_price"
    scope: ClassVar[str] = WRITE_CATALOGUE

    id: Identifier
    price: Money


class DiscontinueProduct(Command, frozen=True):
    """Take a product out of the catalogue."""

    wire_name: ClassVar[str] = "ordering.discontinue_product"
    scope: ClassVar[str] = WRITE_CATALOGUE

    id: Identifier


class WantedLine(Contract, frozen=True):
    """So many of one product."""

    product_id: Identifier
    quantity: Quantity


class PlaceOrder(Command, frozen=True):
    """Order products at today's catalogue prices."""

    wire_name: ClassVar[str] = "ordering.place_order"
    scope: ClassVar[str] = WRITE_ORDERS

    lines: Annotated[list[WantedLine], Meta(min_length=1, max_length=MOST_LINES)]
    shipping_address: Address


class ChangeShippingAddress(Command, frozen=True):
    """Send the parcel elsewhere, before it is shipped."""

    wire_name: ClassVar[str] = "ordering.change_shipping_address"
    scope: ClassVar[str] = WRITE_ORDERS

    id: Identifier
    shipping_address: Address


class PayOrder(Command, frozen=True):
    """Capture the order's total through the payment gateway."""

    wire_name: ClassVar[str] = "ordering.pay_order"
    scope: ClassVar[str] = WRITE_ORDERS

    id: Identifier
    payment_method: Text = "card"


class ShipOrder(Command, frozen=True):
    """Note that the carrier has the parcel."""

    wire_name: ClassVar[str] = "ordering.ship_order"
    scope: ClassVar[str] = OPERATIONS

    id: Identifier
    carrier: Annotated[Text, shown_as("DHL")]
    tracking_code: Annotated[Text, shown_as("JD0123456789")]


class DeliverOrder(Command, frozen=True):
    """Note that the customer has the parcel."""

    wire_name: ClassVar[str] = "ordering.deliver_order"
    scope: ClassVar[str] = OPERATIONS

    id: Identifier


class CancelOrder(Command, frozen=True):
    """Give an order up, before it is shipped."""

    wire_name: ClassVar[str] = "ordering.cancel_order"
    scope: ClassVar[str] = WRITE_ORDERS

    id: Identifier
    reason: Text
