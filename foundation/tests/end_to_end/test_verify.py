"""Five ways to break each phase, on copies of the tree: `verify` finds each, `progress` waits."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.service_copy import CLIENT, ServiceCopy

Break = Callable[[ServiceCopy], object]

CHECKLIST = "memory-bank/progress.md"
ORDER = "chalicelib/domain/order.py"
ORDER_EVENTS = "chalicelib/domain/order_events.py"
COMMANDS = "chalicelib/contracts/commands.py"
QUERIES = "chalicelib/contracts/queries.py"
EVENTS = "chalicelib/contracts/integration_events.py"
REPOSITORIES = "chalicelib/infrastructure/repositories"
BOOTSTRAP = "chalicelib/infrastructure/bootstrap.py"
GATEWAY = "chalicelib/infrastructure/external_services/payment_gateway.py"
ORDER_ROUTES = "chalicelib/api/orders/routes.py"


def _without_method(copy: ServiceCopy) -> None:
    path, method = copy.client_method("CancelOrder")
    copy.cut(path, method.lineno, method.end_lineno or 0)


def _without_description(copy: ServiceCopy) -> None:
    path, method = copy.client_method("CancelOrder")
    described = method.body[0]
    copy.cut(path, described.lineno, described.end_lineno or 0)


def _without_answer(copy: ServiceCopy) -> None:
    path, method = copy.client_method("CancelOrder")
    assert method.returns is not None
    line = method.returns.lineno
    before = path.read_text().splitlines()[line - 1]
    copy.cut(path, line, line, before.replace("-> CommandResult", "-> dict") + "\n")


BREAKS: list[tuple[str, str, Break, str]] = [
    (
        "01",
        "another name in Chalice's configuration",
        lambda copy: copy.replace(".chalice/config.json", '"ordering"', '"shop"'),
        ".chalice/config.json (app_name) says 'shop', app.py says 'ordering'",
    ),
    (
        "01",
        "a queue of another name",
        lambda copy: copy.replace("app.py", '"ordering-nudges"', '"shop-nudges"'),
        "the queue 'shop-nudges' of bridge must begin with ordering-",
    ),
    (
        "01",
        "a setting that nobody lists",
        lambda copy: copy.replace(".env.example", "# CURSOR_SECRET=", "#"),
        ".env.example does not list CURSOR_SECRET",
    ),
    (
        "01",
        "an example that is refused",
        lambda copy: copy.replace(".env.example", "PORT=8000", "PORT=80000"),
        ".env.example: PORT does not have the form",
    ),
    (
        "01",
        "secrets that could be committed",
        lambda copy: copy.replace(".gitignore", "\n.env\n", "\n"),
        ".gitignore does not name .env",
    ),
    (
        "01",
        "a requirement without version",
        lambda copy: copy.append("requirements.txt", "requests\n"),
        "requirements.txt: requests has no exact version",
    ),
    (
        "02",
        "a diagram changed by hand",
        lambda copy: copy.replace("diagrams/domain.md", "Shipment", "Parcel"),
        "diagrams/domain.md is stale",
    ),
    (
        "02",
        "a diagram that is gone",
        lambda copy: copy.remove("diagrams/events.md"),
        "diagrams/events.md is stale",
    ),
    (
        "02",
        "a behaviour that is new",
        lambda copy: copy.replace(ORDER, "def deliver(", "def hand_over("),
        "diagrams/behaviors.md is stale",
    ),
    (
        "02",
        "an event that nobody records",
        lambda copy: copy.append(
            ORDER_EVENTS,
            '\n\n@schema()\nclass OrderLost(DomainEvent):\n    """It is gone."""\n',
        ),
        "OrderLost is recorded by no aggregate",
    ),
    (
        "02",
        "a behaviour that tells nobody",
        lambda copy: copy.append(
            ORDER,
            '\n    def lose(self) -> None:\n        """Forget."""\n        self.shipment = None\n',
        ),
        "Order.lose changes something and records no event",
    ),
    (
        "02",
        "an event that is not described",
        lambda copy: copy.replace(
            ORDER_EVENTS, '    """The parcel goes to another address."""\n', ""
        ),
        "ShippingAddressChanged has no description",
    ),
    (
        "03",
        "a value object that is not declared",
        lambda copy: copy.replace(ORDER, "@schema()\nclass Shipment", "class Shipment"),
        "Shipment is not declared: put @schema above it",
    ),
    (
        "03",
        "two aggregates in one collection",
        lambda copy: copy.replace(ORDER, 'collection="orders"', 'collection="products"'),
        "Order and Product share the collection products",
    ),
    (
        "03",
        "an attribute that no store can keep",
        lambda copy: copy.replace(
            ORDER, "    placed_at: datetime\n", "    placed_at: datetime\n    odd: complex = 0j\n"
        ),
        "Order.odd: <class 'complex'> has no stored form",
    ),
    (
        "03",
        "an aggregate without a test",
        lambda copy: copy.forget("tests/unit", "Product"),
        "Product has no test in tests/unit",
    ),
    (
        "03",
        "a domain that knows the database",
        lambda copy: copy.append(ORDER, "\n\nimport pymongo\n"),
        "test_the_domain_needs_only_the_standard_library",
    ),
    (
        "04",
        "an event without a contract",
        lambda copy: copy.replace(EVENTS, "    order_events.OrderPaid: OrderPaidV1,\n", ""),
        "OrderPaid has no contract in PUBLISHED",
    ),
    (
        "04",
        "a wire type that is taken",
        lambda copy: copy.replace(EVENTS, "ordering.order.paid.v1", "ordering.order.placed.v1"),
        "ordering.order.placed.v1 is taken by OrderPlacedV1 and OrderPaidV1",
    ),
    (
        "04",
        "a contract that asks for more than the event tells",
        lambda copy: copy.replace(
            EVENTS, "    carrier: str\n", "    carrier: str\n    weight: int\n"
        ),
        "OrderShippedV1.weight: OrderShipped has no attribute weight",
    ),
    (
        "04",
        "a command without a wire name",
        lambda copy: copy.replace(COMMANDS, '"ordering.pay_order"', '"PayOrder"'),
        "PayOrder.wire_name must be like lending.request_loan, is 'PayOrder'",
    ),
    (
        "04",
        "a command that anybody may send",
        lambda copy: copy.replace(COMMANDS, "scope: ClassVar[str] = OPERATIONS", 'scope = ""'),
        "ShipOrder has no scope",
    ),
    (
        "04",
        "a query that is not described",
        lambda copy: copy.replace(QUERIES, '    """One order."""\n', ""),
        "GetOrder has no description",
    ),
    (
        "05",
        "an aggregate without a repository",
        lambda copy: copy.replace(
            f"{REPOSITORIES}/order_repository.py", "    aggregate = Order\n", "    pass\n"
        ),
        "Order has no repository",
    ),
    (
        "05",
        "an aggregate that the relay does not know",
        lambda copy: copy.without_line(BOOTSTRAP, "        Product: "),
        "Product is not declared in bootstrap.py",
    ),
    (
        "05",
        "a port that nobody fills",
        lambda copy: copy.replace(GATEWAY, "def charge(", "def capture("),
        "PaymentGateway has no adapter",
    ),
    (
        "05",
        "an adapter that nobody makes",
        lambda copy: copy.without_line(BOOTSTRAP, "        PaymentGateway: "),
        "HttpPaymentGateway is not wired",
    ),
    (
        "05",
        "an aggregate without integration tests",
        lambda copy: copy.forget("tests/infrastructure", "Product"),
        "ProductRepository has no test in tests/infrastructure",
    ),
    (
        "05",
        "an infrastructure that was not drawn anew",
        lambda copy: copy.replace(GATEWAY, '"payment service"', '"bank"'),
        "diagrams/infrastructure.md is stale",
    ),
    (
        "06",
        "a command without a handler",
        lambda copy: copy.replace(
            "chalicelib/api/orders/commands.py", "            ShipOrder: self.ship,\n", ""
        ),
        "ShipOrder has no handler",
    ),
    (
        "06",
        "a query without a route",
        lambda copy: copy.replace(
            ORDER_ROUTES, 'endpoints.query("/orders/{id}", GetOrder, OrderView)\n', ""
        ),
        "GetOrder has no route",
    ),
    (
        "06",
        "routes that are not served",
        lambda copy: copy.replace("app.py", "functions.add_routes(app, authorize)", "print(app)"),
        "POST /products is not served",
    ),
    (
        "06",
        "a route with a problem that nobody answers",
        lambda copy: copy.replace(ORDER_ROUTES, "PAYMENT = (", "PAYMENT = (ValueError, "),
        "declares ValueError, which nobody answers",
    ),
    (
        "06",
        "routes that no test calls",
        lambda copy: copy.forget("tests/api", "/products"),
        "no test in tests/api calls /products",
    ),
    (
        "06",
        "an API that was not drawn anew",
        lambda copy: copy.replace(ORDER_ROUTES, "/orders/{id}/payment", "/orders/{id}/money"),
        "diagrams/api.md is stale",
    ),
    (
        "06",
        "a process that was not drawn anew",
        lambda copy: copy.replace(
            "chalicelib/domain/fulfilment.py", "within=None", "within=timedelta(days=3)"
        ),
        "diagrams/processes.md is stale",
    ),
    (
        "07",
        "no client",
        lambda copy: copy.remove(CLIENT),
        "there is no chalicelib/contracts/client.py",
    ),
    ("07", "a route without a method", _without_method, "no method takes CancelOrder"),
    ("07", "a method that is not described", _without_description, "has no description"),
    ("07", "a method with any answer", _without_answer, "must return the contract"),
    (
        "07",
        "a client that needs the service's inside",
        lambda copy: copy.append(CLIENT, "\nimport chalicelib.infrastructure\n"),
        "imports chalicelib.infrastructure",
    ),
    (
        "07",
        "a client without a test",
        lambda copy: copy.forget("tests", "OrderingClient"),
        "OrderingClient has no test",
    ),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> ServiceCopy:
    return ServiceCopy(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("phase", ["01", "02", "03", "04", "05", "06", "07"])
def test_nothing_is_missing_in_the_sample(whole: ServiceCopy, phase: str) -> None:
    code, output = whole.run("verify", phase, "--offline")
    assert (code, "missing" in output) == (0, False), output


@pytest.mark.parametrize(
    ("phase", "plant", "message"),
    [
        pytest.param(phase, plant, message, id=f"{phase} {name}")
        for phase, name, plant, message in BREAKS
    ],
)
def test_what_is_broken_is_found(phase: str, plant: Break, message: str, tmp_path: Path) -> None:
    copy = ServiceCopy(tmp_path / "service")
    plant(copy)
    code, output = copy.run("verify", phase, "--offline")
    assert message in output
    assert code == 1
    shutil.rmtree(copy.folder)


def test_every_phase_is_broken_in_five_ways_at_least() -> None:
    phases = [phase for phase, *_ in BREAKS]
    assert all(phases.count(f"0{number}") >= 5 for number in range(1, 8))


def test_a_phase_is_marked_complete_when_nothing_is_missing(tmp_path: Path) -> None:
    copy = ServiceCopy(tmp_path / "service")
    copy.replace(CHECKLIST, "- [x] ", "- [ ] ")
    before = (copy.folder / CHECKLIST).read_bytes()
    code, output = copy.run("progress", "complete", "1")
    assert code == 0, output
    assert output.endswith("Complete: 01 - Initial Setup\nNext:     02 - Domain Discovery\n")
    expected = before.replace(b"- [ ] 01", b"- [x] 01")
    assert (copy.folder / CHECKLIST).read_bytes() == expected != before


def test_a_phase_that_lacks_something_is_complete_by_force_alone(tmp_path: Path) -> None:
    copy = ServiceCopy(tmp_path / "service")
    copy.replace(CHECKLIST, "- [x] ", "- [ ] ")
    before = (copy.folder / CHECKLIST).read_bytes()
    copy.append("requirements.txt", "requests\n")
    code, output = copy.run("progress", "complete", "01")
    assert (code, "every requirement is pinned" in output) == (1, True)
    assert (copy.folder / CHECKLIST).read_bytes() == before
    assert copy.run("progress", "complete", "01", "--force")[0] == 0
    assert b"- [x] 01 - Initial Setup\n" in (copy.folder / CHECKLIST).read_bytes()
    recorded = (copy.folder / "memory-bank/forced.md").read_text()
    assert recorded.endswith(" 01 - Initial Setup\n  - not: every requirement is pinned\n")
