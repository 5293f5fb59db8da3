"""What is compared by `make bench-api`, on real servers."""

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import track

from carafe.development.lambda_context import LambdaContext
from carafe.development.tokens import fetch_token
from carafe.domain.money import Money
from carafe.infrastructure.container import Container
from carafe.infrastructure.identifiers import new_id
from chalicelib.domain.product import Product
from chalicelib.infrastructure.bootstrap import service as declared
from chalicelib.infrastructure.settings import Settings

from . import api_environment, api_requests, orders
from .api_bare import Bare
from .api_cold import FUNCTIONS, cold_start
from .api_peer import Peer
from .api_report import BARE, COMMAND, OPERATIONS, OURS, PEER, QUERY
from .measuring import Results, measured
from .relay_bench import declare_queue
from .service import Servers

WARM_UP_ROUNDS = 5
REQUESTS_A_ROUND = 20

Handler = Callable[[dict[str, Any], object], Any]


class SwitchedNudge:
    """Sends nudges while it is on.

    Args:
        send: sends one, and raises an error if that fails.
    """

    is_on = False

    def __init__(self, send: Callable[[str, str], object]) -> None:
        self._send = send

    def __call__(self, collection: str, identifier: str, due: datetime | None = None, /) -> None:
        """Send a nudge, or none; never one of a timer."""
        if self.is_on and due is None:
            self._send(collection, identifier)


class ApiBench:
    """All that is compared, on real servers.

    Args:
        addresses: of the servers.
        sqs_url: what answers for SQS.
    """

    def __init__(self, addresses: Servers, sqs_url: str) -> None:
        self._settings = api_environment.environment(
            mongo_uri=addresses.mongo_uri,
            rabbitmq_url=addresses.rabbitmq_url,
            sqs_url=sqs_url,
            token_issuer=addresses.token_issuer,
        )
        os.environ.update(self._settings)
        api_environment.accept_this_machine()
        self._service = declared.container()
        self._nudge = SwitchedNudge(self._send_nudge)
        self._service.__dict__["nudge"] = self._nudge
        self._service.prepare_database()
        self._service.prepare_bus()
        declare_queue(self._service)
        self._product_ids = [
            _add_product(self._service, number) for number in range(api_requests.LINES)
        ]
        self._handlers: Mapping[str, Handler] = {
            BARE: Bare(self._service.database, self._nudge),
            OURS: _our_function(),
            PEER: Peer(self._service.database),
        }
        self._order_ids = {name: self._place(each) for name, each in self._handlers.items()}
        self._require_equal_documents()

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def warm(self, console: Console, rounds: int) -> Results:
        """Measure all operations of all handlers in turns."""
        results = Results(list(self._handlers), OPERATIONS)
        for number in track(range(WARM_UP_ROUNDS + rounds), "warm", console=console):
            turn = number % len(self._handlers)
            names = [*list(self._handlers)[turn:], *list(self._handlers)[:turn]]
            for operation in OPERATIONS:
                for name in names:
                    calls = [self._call(operation, name) for _ in range(REQUESTS_A_ROUND)]
                    with self._nudging(is_on=operation == COMMAND):
                        processor, wall = measured(self._handlers[name], calls)
                    if number >= WARM_UP_ROUNDS:
                        results.note(operation, name, processor, wall)
        return results

    def cold(self, console: Console, rounds: int) -> Results:
        """Measure the first answer of each function in turns."""
        names, events = list(FUNCTIONS), self._cold_events()
        results = Results(names, ("cold",))
        for number in track(range(rounds + 1), "cold", console=console):
            turn = number % len(names)
            for name in [*names[turn:], *names[:turn]]:
                processor, wall = cold_start(name, self._settings, events[name]())
                if number:  # the first one also writes the compiled files
                    results.note("cold", name, processor, wall)
        return results

    def _cold_events(self) -> Mapping[str, Callable[[], dict[str, Any]]]:
        order_id, products = self._order_ids[OURS], self._product_ids
        token = fetch_token(
            self._settings["TOKEN_ISSUER"],
            api_environment.AUDIENCE,
            api_requests.CUSTOMER,
            api_requests.SCOPES,
        )
        return {
            "bare": lambda: api_requests.read(order_id),
            "bare with pika": lambda: api_requests.read(order_id),
            "bare, placing": lambda: api_requests.place(products),
            "read": lambda: api_requests.read(order_id),
            "place": lambda: api_requests.place(products),
            "bridge": lambda: api_requests.nudge(self._place(self._handlers[OURS])),
            "bridge, no event": lambda: api_requests.nudge("of-no-order"),
            "execute": lambda: api_requests.queued_order(products),
            "consume": lambda: api_requests.captured_payment(self._place(self._handlers[OURS])),
            "authorize": lambda: api_requests.authorization(token),
        }

    def _call(self, operation: str, name: str) -> tuple[dict[str, Any], LambdaContext]:
        if operation == QUERY:
            return api_requests.read(self._order_ids[name]), LambdaContext("app")
        return api_requests.place(self._product_ids), LambdaContext("app")

    def _place(self, handler: Handler) -> str:
        """Place an order, read it, and make sure that both answers are right.

        Raises:
            ValueError: they are not.
        """
        answer = handler(api_requests.place(self._product_ids), LambdaContext("app"))
        order_id: str = json.loads(answer["body"])["id"]
        reading = handler(api_requests.read(order_id), LambdaContext("app"))
        view = json.loads(reading["body"])
        outcome = (answer["statusCode"], reading["statusCode"], view["id"], len(view["lines"]))
        if outcome != (201, 200, order_id, api_requests.LINES):
            raise ValueError(f"{handler} answered {answer}, then {reading}")
        if float(view["total"]["amount"]) != sum(2 * (n + 1.9) for n in range(api_requests.LINES)):
            raise ValueError(f"a wrong total: {view['total']}")
        return order_id

    def _require_equal_documents(self) -> None:
        """Make sure that the bare handler writes what Carafe writes.

        Raises:
            ValueError: it does not.
        """
        collection = self._service.database["orders"]
        bare, ours = (
            _shape(collection.find_one({"_id": self._order_ids[name]})) for name in (BARE, OURS)
        )
        if bare != ours:
            raise ValueError(f"the bare handler stores {bare}, Carafe {ours}")

    def _send_nudge(self, collection: str, identifier: str) -> None:
        """Send a nudge as the container does, but without hiding a failure."""
        body = json.dumps({"collection": collection, "id": identifier})
        queue_url = self._service.settings.nudge_queue_url
        self._service.sqs.send_message(QueueUrl=queue_url, MessageBody=body)

    @contextmanager
    def _nudging(self, *, is_on: bool) -> Iterator[None]:
        self._nudge.is_on = is_on
        yield
        self._nudge.is_on = False


def _add_product(service: Container[Settings], number: int) -> str:
    product = Product.register(
        product_id=new_id(),
        sku=f"BENCH-{number}",
        name=f"Carafe, {number} l",
        price=Money.of(f"{number + 1}.90", "EUR"),
        at=orders.NOON,
    )
    service.repository(Product).add(product, orders.a_context())
    return product.id


def _our_function() -> Handler:
    from app import app  # noqa: PLC0415 - as AWS Lambda imports it, with its environment

    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    handler_of_lambda: Handler = app
    return handler_of_lambda


def _shape(value: object) -> object:
    """Return the names and types in a document."""
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_shape(each) for each in value]
    return type(value).__name__
