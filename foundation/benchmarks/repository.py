"""`make bench-repository`: this service's repository beside the driver alone and two ODMs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pymongo.database import Database
from rich.console import Console
from rich.progress import track

from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.indexes import indexes_of
from chalicelib.domain.order import Order
from chalicelib.infrastructure.settings import Settings

from . import orders
from .bare import Bare
from .by_hand import ByHand
from .carafe import Carafe
from .contender import LISTED, Contender
from .equality import require_equality
from .measuring import ROUNDS, WARM_UP_ROUNDS, run_rounds
from .report import markdown, print_table, ratios
from .service import benchmarked_service
from .with_bunnet import Bunnet
from .with_mongoengine import Mongoengine

RESULTS = Path(__file__).with_name("results")

# Placed later than what the rounds add: the list is of the same orders in every round.
_LATER = 1_000_000


def main() -> None:
    """Compare, and write the report."""
    console = Console()
    with benchmarked_service(console.print) as container:
        database = container.database
        contenders = _contenders(container)
        _prepare(database, contenders)
        size = require_equality(database, contenders)
        rounds = track(run_rounds(contenders), "rounds", ROUNDS + WARM_UP_ROUNDS, console=console)
        *_, results = rounds
        mongod = database.client.server_info()["version"]
    print_table(console, results)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "repository.md").write_text(markdown(results, size, mongod), encoding="utf-8")
    console.print(f"written: {RESULTS / 'repository.md'}")
    for line in ratios(results):
        console.print(line, highlight=False)


def _contenders(container: Container[Settings]) -> Sequence[Contender]:
    database = container.database
    return (
        Bare(database),
        Carafe(container),
        ByHand(database),
        Mongoengine(database.client, database.name),
        Bunnet(database),
    )


def _prepare(database: Database[dict[str, Any]], contenders: Sequence[Contender]) -> None:
    """Give everybody the same orders and the same indexes."""
    documents = [
        orders.new_document(orders.an_order(_LATER + number), orders.a_context())
        for number in range(LISTED)
    ]
    for each in contenders:
        database[each.collection].create_indexes(indexes_of(Order))
        database[each.collection].insert_many(documents)


if __name__ == "__main__":
    main()
