"""`make bench-api`: the HTTP function beside a bare handler and Powertools, warm and cold.

Warm: processor time of a placed order and of a read, from API Gateway's event to the answer.
Cold: processor time of a fresh process, up to its first answer.
"""

import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from carafe.domain.money import Money
from carafe.infrastructure.container import Container
from carafe.infrastructure.identifiers import new_id
from chalicelib.domain.product import Product
from chalicelib.infrastructure.bootstrap import service as declared
from chalicelib.infrastructure.settings import Settings

from . import api_requests, orders
from .api_bare import Bare
from .api_cold import FUNCTIONS, cold_start
from .api_peer import Peer
from .api_report import BARE, OURS, PEER, markdown, print_table, ratios
from .measuring import Results, measured
from .service import mongo, no_nudge

RESULTS = Path(__file__).with_name("results")

OPERATIONS = ("command", "query")
ROUNDS = 30
WARM_UP_ROUNDS = 5
REQUESTS_A_ROUND = 20
COLD_ROUNDS = 12

Handler = Callable[[api_requests.Event, object], Any]


def main() -> None:
    """Compare, and write the report."""
    console = Console()
    with mongo(console.print) as uri:
        settings = api_requests.environment(uri)
        os.environ.update(settings)
        api_requests.accept_this_machine()
        service = declared.container()
        service.prepare_database()
        product_ids = [_product(service, number) for number in range(api_requests.LINES)]
        warm = _warm(console, service, product_ids)
        cold = _cold(console, settings, product_ids)
    print_table(console, warm, cold)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "api.md").write_text(markdown(warm, cold), encoding="utf-8")
    console.print(f"written: {RESULTS / 'api.md'}")
    for line in ratios(warm, cold):
        console.print(line, highlight=False)


def _product(service: Container[Settings], number: int) -> str:
    product = Product.register(
        product_id=new_id(),
        sku=f"BENCH-{number}",
        name=f"Carafe, {number} l",
        price=Money.of(f"{number + 1}.90", "EUR"),
        at=orders.NOON,
    )
    # The queue is not measured: nothing is nudged.
    service.__dict__["nudge"] = no_nudge
    service.repository(Product).add(product, orders.a_context())
    return product.id


def _ours() -> Handler:
    from app import app  # noqa: PLC0415 - as AWS Lambda imports it, with its environment

    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    handler_of_lambda: Handler = app
    return handler_of_lambda


def _warm(console: Console, service: Container[Settings], product_ids: Sequence[str]) -> Results:
    handlers: Mapping[str, Handler] = {
        BARE: Bare(service.database),
        OURS: _ours(),
        PEER: Peer(service.database),
    }
    placed = {name: _placed(handler, product_ids) for name, handler in handlers.items()}
    results = Results(list(handlers), OPERATIONS)
    total = range(WARM_UP_ROUNDS + ROUNDS)
    for number in track(total, "warm", console=console):
        turn = number % len(handlers)
        names = [*list(handlers)[turn:], *list(handlers)[:turn]]
        for operation in OPERATIONS:
            for name in names:
                events = [
                    (_request(operation, product_ids, placed[name]), api_requests.Context())
                    for _ in range(REQUESTS_A_ROUND)
                ]
                processor, wall = measured(handlers[name], events)
                if number >= WARM_UP_ROUNDS:
                    results.note(operation, name, processor, wall)
    return results


def _request(operation: str, product_ids: Sequence[str], order_id: str) -> api_requests.Event:
    if operation == "command":
        return api_requests.place(list(product_ids))
    return api_requests.read(order_id)


def _placed(handler: Handler, product_ids: Sequence[str]) -> str:
    """Place an order, read it, and make sure that both answers are right.

    Raises:
        ValueError: they are not.
    """
    answer = handler(api_requests.place(list(product_ids)), api_requests.Context())
    order_id: str = json.loads(answer["body"])["id"]
    reading = handler(api_requests.read(order_id), api_requests.Context())
    view = json.loads(reading["body"])
    outcome = (answer["statusCode"], reading["statusCode"], view["id"], len(view["lines"]))
    if outcome != (201, 200, order_id, api_requests.LINES):
        raise ValueError(f"{handler} answered {answer}, then {reading}")
    if float(view["total"]["amount"]) != sum(2 * (n + 1.9) for n in range(api_requests.LINES)):
        raise ValueError(f"a wrong total: {view['total']}")
    return order_id


def _cold(console: Console, settings: Mapping[str, str], product_ids: Sequence[str]) -> Results:
    event = json.dumps(api_requests.read(_placed(_ours(), product_ids)))
    results = Results(FUNCTIONS, ("cold",))
    for number in track(range(COLD_ROUNDS + 1), "cold", console=console):
        turn = number % len(FUNCTIONS)
        for name in [*FUNCTIONS[turn:], *FUNCTIONS[:turn]]:
            processor, wall = cold_start(name, settings, event)
            if number:  # the first one also writes the compiled files
                results.note("cold", name, processor, wall)
    return results


if __name__ == "__main__":
    main()
