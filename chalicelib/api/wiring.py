"""What the service serves: its operations, and the handlers behind them."""

from carafe.api.endpoints import Operation
from carafe.api.handlers import Handlers
from carafe.infrastructure.container import Container

from chalicelib.domain.fulfilment import Fulfilment
from chalicelib.domain.order import Order
from chalicelib.domain.payments import PaymentGateway
from chalicelib.domain.product import Product
from chalicelib.infrastructure.settings import Settings

from .orders.routes import endpoints as orders
from .products.routes import endpoints as products

OPERATIONS: tuple[Operation, ...] = (*products.operations, *orders.operations)


def handlers(service: Container[Settings]) -> Handlers:
    """Return every handler, with the ports it needs.

    They are imported here, with the first message: bridge, sweep and authorizer handle none.
    """
    from .fulfilments.events import FulfilmentEvents
    from .fulfilments.timers import FulfilmentTimers
    from .orders.commands import OrderCommands
    from .orders.events import OrderEvents
    from .orders.payment import OrderPayments
    from .orders.queries import OrderQueries
    from .orders.timers import OrderTimers
    from .products.commands import ProductCommands
    from .products.queries import ProductQueries

    return Handlers(
        commands=[
            OrderCommands(
                service.repository(Order),
                service.repository(Product),
                service.clock,
                service.settings.payment_due_seconds,
            ).handlers(),
            OrderPayments(
                service.repository(Order), service.adapter(PaymentGateway), service.clock
            ).handlers(),
            ProductCommands(service.repository(Product), service.clock).handlers(),
        ],
        queries=[
            OrderQueries(service.repository(Order)).handlers(),
            ProductQueries(service.repository(Product)).handlers(),
        ],
        events=[
            OrderEvents(service.repository(Order), service.clock).handlers(),
            FulfilmentEvents(
                service.repository(Fulfilment),
                service.clock,
                service.settings.shipment_due_seconds,
            ).handlers(),
        ],
        timers=[
            OrderTimers(
                service.repository(Order), service.adapter(PaymentGateway), service.clock
            ).handlers(),
            FulfilmentTimers(service.repository(Fulfilment), service.clock).handlers(),
        ],
    )
