"""How people usually relay: an event, its confirm, its update, and the next one."""

from typing import Any

import pika
from pymongo import ASCENDING
from pymongo.collection import Collection

_PERSISTENT = 2


def relay_one_by_one(collection: Collection[dict[str, Any]], url: str, exchange: str) -> int:
    """Publish every pending event, and return how many there were."""
    count = 0
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        waiting = {"pending_since": {"$exists": True}}
        for document in collection.find(waiting, sort=[("pending_since", ASCENDING)]):
            for event in document["pending"]:
                channel.basic_publish(
                    exchange,
                    event["type"].rpartition(".v")[0],
                    event["body"].encode(),
                    pika.BasicProperties(message_id=event["id"], delivery_mode=_PERSISTENT),  # type: ignore[no-untyped-call]
                    mandatory=True,
                )
                collection.update_one(
                    {"_id": document["_id"]}, {"$pull": {"pending": {"id": event["id"]}}}
                )
                count += 1
            collection.update_one(
                {"_id": document["_id"], "pending": []}, {"$unset": {"pending_since": ""}}
            )
    return count
