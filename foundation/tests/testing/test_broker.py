"""A test leaves nothing on the broker, which would have to look after thousands of queues."""

from collections.abc import Mapping
from typing import Any

from carafe.development.broker.management import Management
from carafe.infrastructure.container import Container
from carafe.testing.broker import remove_from_broker


def test_nothing_of_a_service_is_left(
    service: Container[Any], environment: Mapping[str, str]
) -> None:
    name, url = service.settings.service_name, service.settings.rabbitmq_url
    management = Management(url, environment["RABBITMQ_MANAGEMENT_URL"])
    assert name in str(management.live())
    remove_from_broker(service)
    assert name not in str(management.live())


def test_a_broker_that_is_away_is_no_failure(
    service: Container[Any], environment: Mapping[str, str]
) -> None:
    nowhere = {**environment, "RABBITMQ_URL": "amqp://guest:guest@127.0.0.1:1/%2F"}
    elsewhere = Container(service.service, type(service.settings).read(nowhere, "elsewhere"))
    remove_from_broker(elsewhere)
    elsewhere.close()
