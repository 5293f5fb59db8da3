"""How much waits in the service's queues, and whether anybody takes it.

The broker tells both in answer to a passive declaration, to every user and in every version. Amazon
MQ publishes no metrics of single queues for RabbitMQ 4:
https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-4.html
"""

import logging
from collections.abc import Mapping

from pika import BlockingConnection
from pika.exceptions import ChannelClosedByBroker

from .names import inbox_queue, parked_queue, unrouted_queue
from .port import QueueDepth

log = logging.getLogger(__name__)


def watched_queues(service: str) -> tuple[str, ...]:
    """Return the names of the queues of which an operator must know."""
    return inbox_queue(service), parked_queue(service), unrouted_queue(service)


def depths_of(connection: BlockingConnection, service: str) -> Mapping[str, QueueDepth]:
    """Return the depths of the watched queues, by name; a queue that does not exist has none.

    Raises:
        AMQPError: the connection is lost.
    """
    depths = {}
    for queue in watched_queues(service):
        try:
            answer = connection.channel().queue_declare(queue, passive=True).method
        except ChannelClosedByBroker:  # the channel alone: each queue has its own
            log.error("the queue %s does not exist: `carafe bus declare` creates it", queue)  # noqa: TRY400 - expected
        else:
            depths[queue] = QueueDepth(answer.message_count, answer.consumer_count)
    return depths
