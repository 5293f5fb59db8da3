"""Orders in MongoDB."""

from collections.abc import Sequence
from datetime import timedelta
from secrets import randbelow

from carafe.testing.examples import NOON
from carafe.testing.suites import RepositoryTests

from chalicelib.domain.order import Order
from tests.support.orders import AnOrder, in_every_status


class TestOrderRepository(RepositoryTests[Order]):
    """What every repository promises."""

    aggregate = Order

    def an_aggregate(self) -> Order:
        later = timedelta(minutes=randbelow(3))
        return AnOrder(customer_id=f"customer-{randbelow(1_000)}", at=NOON + later).order

    def examples(self) -> Sequence[Order]:
        return in_every_status()
