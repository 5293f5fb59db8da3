"""Fulfilments in MongoDB."""

from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository

from chalicelib.domain.fulfilment import Fulfilment


class FulfilmentRepository(MongoRepository[Fulfilment]):
    """Keeps fulfilments."""

    aggregate = Fulfilment
