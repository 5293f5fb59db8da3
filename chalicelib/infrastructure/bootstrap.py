"""The one declaration of the service, from which everything is wired.

Repositories and adapters are named, and loaded by those functions alone that use them.
"""

from pathlib import Path

from carafe import Service
from carafe.contracts.problem import ProblemType

from chalicelib.contracts.integration_events import PUBLISHED
from chalicelib.contracts.scopes import SCOPES
from chalicelib.contracts.sent_commands import SENT
from chalicelib.contracts.subscribed_events import SUBSCRIBED, UPCASTERS
from chalicelib.domain.fulfilment import Fulfilment
from chalicelib.domain.order import Order
from chalicelib.domain.payments import PaymentDeclined, PaymentGateway
from chalicelib.domain.product import Product

from .settings import Settings

service = Service(
    name="ordering",
    version="1.0.0",
    settings=Settings,
    root=Path(__file__).parents[2],
    repositories={
        Order: "chalicelib.infrastructure.repositories.order_repository:OrderRepository",
        Product: "chalicelib.infrastructure.repositories.product_repository:ProductRepository",
        Fulfilment: (
            "chalicelib.infrastructure.repositories.fulfilment_repository:FulfilmentRepository"
        ),
    },
    adapters={
        PaymentGateway: "chalicelib.infrastructure.external_services.payment_gateway:payment_gateway",
    },
    published=PUBLISHED,
    sent=SENT,
    subscribed=SUBSCRIBED,
    upcasters=UPCASTERS,
    scopes=SCOPES,
    problems=[
        ProblemType(
            PaymentDeclined,
            status=402,
            title="The payment was declined",
            example="The payment was declined; try another payment method.",
        )
    ],
)
