"""The routes of orders."""

from carafe.api.endpoints import Endpoints
from carafe.infrastructure.errors import ServiceUnavailable

from chalicelib.contracts.commands import (
    CancelOrder,
    ChangeShippingAddress,
    DeliverOrder,
    PayOrder,
    PlaceOrder,
    ShipOrder,
)
from chalicelib.contracts.queries import GetOrder, ListOrders, OrderPage, OrderView
from chalicelib.domain.payments import PaymentDeclined

endpoints = Endpoints("orders")

PAYMENT = (PaymentDeclined, ServiceUnavailable)

endpoints.command("POST", "/orders", PlaceOrder, creates=True)
endpoints.query("/orders", ListOrders, OrderPage)
endpoints.query("/orders/{id}", GetOrder, OrderView)
endpoints.command("PUT", "/orders/{id}/shipping-address", ChangeShippingAddress)
endpoints.command("POST", "/orders/{id}/payment", PayOrder, problems=PAYMENT)
endpoints.command("POST", "/orders/{id}/shipment", ShipOrder)
endpoints.command("POST", "/orders/{id}/delivery", DeliverOrder)
endpoints.command("POST", "/orders/{id}/cancellation", CancelOrder)
