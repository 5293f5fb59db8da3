"""What the service serves: its operations, and the handlers behind them."""

from carafe.api.endpoints import Operation
from carafe.api.handlers import Handlers
from carafe.infrastructure.container import Container
from carafe.infrastructure.identifiers import now

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
    from .orders.commands import OrderCommands
    from .orders.events import OrderEvents
    from .orders.queries import OrderQueries
    from .products.commands import ProductCommands
    from .products.queries import ProductQueries

    return Handlers(
        commands=[
            OrderCommands(
                service.repository(Order),
                service.repository(Product),
                service.adapter(PaymentGateway),
                now,
            ).handlers(),
            ProductCommands(service.repository(Product), now).handlers(),
        ],
        queries=[
            OrderQueries(service.repository(Order)).handlers(),
            ProductQueries(service.repository(Product)).handlers(),
        ],
        events=[
            OrderEvents(service.repository(Order), now).handlers(),
        ],
    )
