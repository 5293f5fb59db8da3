"""Fulfilments in MongoDB."""

from carafe.testing.suites import RepositoryTests

from chalicelib.domain.fulfilment import Fulfilment
from tests.support.fulfilments import a_fulfilment, fulfilments_in_every_status


class TestFulfilmentRepository(RepositoryTests[Fulfilment]):
    """What every repository promises."""

    aggregate = Fulfilment
    an_aggregate = staticmethod(a_fulfilment)
    examples = staticmethod(fulfilments_in_every_status)
