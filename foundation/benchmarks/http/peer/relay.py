"""The relay: publishes what is in the outbox, and removes what the broker has confirmed."""
# mypy: disable-error-code="import-untyped,import-not-found,no-any-unimported,misc"

import asyncio
import os
from typing import Any

import aio_pika
from aio_pika.abc import AbstractExchange
from beanie import init_beanie
from beanie.operators import In
from pymongo import AsyncMongoClient

from .models import OutboxEvent

EXCHANGE = "peer.events"
BATCH = 200
PAUSE_SECONDS = 0.1  # only while the outbox is empty
STARTED = "The relay runs."


async def main() -> None:
    """Run until the process ends."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        os.environ["MONGO_URI"], tz_aware=True, w="majority", readConcernLevel="majority"
    )
    database = client[os.environ["MONGO_DATABASE"]]
    await init_beanie(database=database, document_models=[OutboxEvent])
    async with await aio_pika.connect_robust(os.environ["RABBITMQ_URL"]) as connection:
        channel = await connection.channel(publisher_confirms=True)
        exchange = await channel.declare_exchange(
            EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True
        )
        print(STARTED, flush=True)  # noqa: T201 - read by the parent process
        while True:
            if not await relay_batch(exchange):
                await asyncio.sleep(PAUSE_SECONDS)


async def relay_batch(exchange: AbstractExchange) -> int:
    """Publish the oldest events, and return how many there were."""
    events = await OutboxEvent.find_all().limit(BATCH).to_list()
    if events:
        # All are published before the first confirm is awaited.
        await asyncio.gather(*(_publish(exchange, each) for each in events))
        await OutboxEvent.find(In(OutboxEvent.id, [each.id for each in events])).delete()
    return len(events)


async def _publish(exchange: AbstractExchange, event: OutboxEvent) -> None:
    message = aio_pika.Message(
        event.body.encode(),
        message_id=event.id,
        content_type="application/cloudevents+json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await exchange.publish(message, event.routing_key)


if __name__ == "__main__":
    asyncio.run(main())
