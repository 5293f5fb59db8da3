"""The external services that `make run` starts on a developer's machine."""

from carafe.development.servers.python_server import PythonServer


class PaymentService(PythonServer):
    """The payment service as a child process."""

    name = "Payments"
    module = "local.payments"
    variable = "PAYMENTS_URL"
    usual_port = 8090
    probe_path = "/health"


class ShippingService(PythonServer):
    """The shipping service as a child process; others speak with it over RabbitMQ."""

    name = "Shipping"
    module = "local.shipping"
    variable = "SHIPPING_URL"
    usual_port = 8089
    probe_path = "/health"


SERVERS = (PaymentService, ShippingService)
