"""Settings are right, or all that is wrong is told at once."""

import pytest

from chalicelib.infrastructure.settings import BadSettings, Settings

RIGHT = {
    "MONGO_URI": "mongodb://127.0.0.1:27017",
    "RABBITMQ_URL": "amqp://guest:guest@127.0.0.1:5672/%2F",
    "NUDGE_QUEUE_URL": "http://127.0.0.1:4566/000000000000/ordering-nudges",
    "PAYMENTS_URL": "http://127.0.0.1:8090",
}


def _faults(environment: dict[str, str]) -> list[str]:
    with pytest.raises(BadSettings) as refusal:
        Settings.read(environment)
    return refusal.value.faults


def test_what_can_have_a_default_has_one() -> None:
    settings = Settings.read(RIGHT)
    assert (settings.service_name, settings.mongo_database, settings.event_bus_type) == (
        "ordering",
        "ordering",
        "rabbitmq",
    )
    assert settings.is_local


def test_all_faults_are_named_together() -> None:
    environment = {"MONGO_URI": "postgres://x", "EVENT_BUS_TYPE": "kafka", "SERVICE_NAME": "A b"}
    named = {fault.split()[0] for fault in _faults(environment)}
    assert named == {
        "SERVICE_NAME",
        "MONGO_URI",
        "EVENT_BUS_TYPE",
        "RABBITMQ_URL",
        "NUDGE_QUEUE_URL",
        "PAYMENTS_URL",
    }


def test_a_fault_never_tells_the_value() -> None:
    faults = _faults(RIGHT | {"MONGO_URI": "secret-password-in-the-wrong-place"})
    assert "secret" not in str(faults)
    assert len(faults) == 1


def test_an_empty_setting_is_a_missing_one() -> None:
    assert _faults(RIGHT | {"MONGO_URI": ""}) == ["MONGO_URI is missing"]


@pytest.mark.parametrize("grace", ["soon", "-1", "1e3"])
def test_the_grace_is_a_number_of_seconds(grace: str) -> None:
    (fault,) = _faults(RIGHT | {"SWEEP_GRACE_SECONDS": grace})
    assert fault.startswith("SWEEP_GRACE_SECONDS")


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80.5", "9" * 5000])
def test_a_port_is_a_tcp_port(port: str) -> None:
    assert _faults(RIGHT | {"PORT": port}) == [
        "PORT does not have the form a number from 1 to 65535"
    ]


def test_the_in_memory_bus_needs_no_broker() -> None:
    environment = {name: value for name, value in RIGHT.items() if name != "RABBITMQ_URL"}
    assert Settings.read(environment | {"EVENT_BUS_TYPE": "base"}).event_bus_type == "base"


def test_outside_the_local_stage_secrets_are_demanded() -> None:
    in_lambda = RIGHT | {"AWS_LAMBDA_FUNCTION_NAME": "ordering-prod", "STAGE": "prod"}
    assert _faults(in_lambda) == ["CURSOR_SECRET is missing"]


def test_inside_lambda_the_stage_cannot_be_local() -> None:
    in_lambda = RIGHT | {"AWS_LAMBDA_FUNCTION_NAME": "ordering-prod", "CURSOR_SECRET": "s" * 16}
    assert _faults(in_lambda) == ["STAGE is missing"]
    assert len(_faults(in_lambda | {"STAGE": "local"})) == 1
    assert not Settings.read(in_lambda | {"STAGE": "prod"}).is_local
