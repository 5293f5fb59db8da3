"""Settings are right, or all faults are named at once; those that a service adds as well."""

from enum import Enum
from typing import Annotated, Literal

import pytest
from msgspec import Meta

import carafe
from carafe.infrastructure.settings import BadSettings, LocalDefault, WebAddress


class Settings(carafe.Settings, frozen=True, kw_only=True):
    """Those of a service that adds one."""

    weather_url: WebAddress


class Unit(Enum):
    """Of temperatures."""

    CELSIUS = "c"
    KELVIN = "k"


class MoreSettings(carafe.Settings, frozen=True, kw_only=True):
    """Every kind of setting that a service may add."""

    retries: Annotated[int, Meta(ge=0, le=5)] = 3
    dry_run: bool = False
    unit: Unit = Unit.CELSIUS
    region: Literal["north", "south"] = "north"
    proxy_url: WebAddress | None = None
    tides_url: Annotated[WebAddress, LocalDefault("http://127.0.0.1:8093")]


RIGHT = {
    "MONGO_URI": "mongodb://127.0.0.1:27017",
    "RABBITMQ_URL": "amqp://guest:guest@127.0.0.1:5672/%2F",
    "NUDGE_QUEUE_URL": "http://127.0.0.1:4566/000000000000/lending-nudges",
    "COMMAND_QUEUE_URL": "http://127.0.0.1:4566/000000000000/lending-commands",
    "WEATHER_URL": "http://127.0.0.1:8092",
    "TOKEN_ISSUER": "http://127.0.0.1:8091",
}
IN_LAMBDA = {
    "AWS_LAMBDA_FUNCTION_NAME": "lending-prod",
    "STAGE": "prod",
    "MONGO_URI": "mongodb+srv://cluster.example.com/",
    "RABBITMQ_URL": "amqps://broker.example.com:5671",
    "NUDGE_QUEUE_URL": "https://sqs.example.com/1/lending-nudges",
    "COMMAND_QUEUE_URL": "https://sqs.example.com/1/lending-commands",
    "WEATHER_URL": "https://weather.example.com",
    "TOKEN_ISSUER": "https://id.example.com/lending",
    "CURSOR_SECRET": "s" * 16,
}


def _read(environment: dict[str, str]) -> Settings:
    return Settings.read(environment, "lending")


def _faults(environment: dict[str, str]) -> list[str]:
    with pytest.raises(BadSettings) as refusal:
        _read(environment)
    return refusal.value.faults


def test_what_can_have_a_default_has_one() -> None:
    settings = _read(RIGHT)
    assert (settings.service_name, settings.mongo_database, settings.event_bus_type) == (
        "lending",
        "lending",
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
        "COMMAND_QUEUE_URL",
        "WEATHER_URL",
        "TOKEN_ISSUER",
    }


def test_a_fault_never_tells_the_value() -> None:
    faults = _faults(RIGHT | {"MONGO_URI": "secret-password-in-the-wrong-place"})
    assert "secret" not in str(faults)
    assert len(faults) == 1


def test_an_empty_setting_is_a_missing_one() -> None:
    assert _faults(RIGHT | {"MONGO_URI": ""}) == ["MONGO_URI is missing"]


@pytest.mark.parametrize("grace", ["soon", "-1", "1e3", "inf", "nan", "86400.5", "9" * 12])
def test_the_grace_is_a_number_of_seconds(grace: str) -> None:
    (fault,) = _faults(RIGHT | {"SWEEP_GRACE_SECONDS": grace})
    assert fault == (
        "SWEEP_GRACE_SECONDS does not have the form a number up to 86400, such as 10 or 0.5"
    )


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80.5", "9" * 5000])
def test_a_port_is_a_tcp_port(port: str) -> None:
    assert _faults(RIGHT | {"PORT": port}) == [
        "PORT does not have the form a number from 1 to 65535"
    ]


@pytest.mark.parametrize(
    "url",
    [
        "http://broker:5672",
        "amqp://",
        "amqp://guest:guest@:5672",
        "amqp://broker:port",
        "amqp://broker:0",
        "amqp://broker:99999",
        "amqp://guest:pass word@broker",
        "amqp://guest:a/b@broker:5672/vhost",
        "amqp://guest:guest@broker:5672//",
        "amqp://guest@broker:5672",
        "amqp://guest:guest@broker:5672/vhost?ssl_options=None",
        "amqp://guest:guest@broker?heartbeat=5",
        f"amqp://{'a' * 64}.example.com",
    ],
)
def test_the_address_of_a_broker_is_checked_and_explained(url: str) -> None:
    (fault,) = _faults(RIGHT | {"RABBITMQ_URL": url})
    assert fault.startswith("RABBITMQ_URL")
    assert "amqp://user:password@host:5672/vhost" in fault
    assert "guest" not in fault


@pytest.mark.parametrize(
    "url", ["amqp://broker", "amqps://u:p%2F@broker:5671/%2F", "amqp://[::1]:5672/lending"]
)
def test_the_address_of_a_broker_may_be_short(url: str) -> None:
    assert _read(RIGHT | {"RABBITMQ_URL": url}).rabbitmq_url == url


def test_another_bus_is_told_which_there_are() -> None:
    (fault,) = _faults(RIGHT | {"EVENT_BUS_TYPE": "kafka"})
    assert fault == "EVENT_BUS_TYPE does not have the form rabbitmq or base"


def test_the_in_memory_bus_needs_no_broker() -> None:
    environment = {name: value for name, value in RIGHT.items() if name != "RABBITMQ_URL"}
    assert _read(environment | {"EVENT_BUS_TYPE": "base"}).event_bus_type == "base"


def test_outside_the_local_stage_secrets_are_demanded() -> None:
    assert _faults(IN_LAMBDA | {"CURSOR_SECRET": ""}) == ["CURSOR_SECRET is missing"]


def test_inside_lambda_the_stage_cannot_be_local() -> None:
    assert _faults(IN_LAMBDA | {"STAGE": ""}) == ["STAGE is missing"]
    assert len(_faults(IN_LAMBDA | {"STAGE": "local"})) == 1
    assert not _read(IN_LAMBDA).is_local


@pytest.mark.parametrize(
    "issuer",
    [
        "http://127.0.0.1:8091",
        "https://127.0.0.1:8091",
        "https://localhost",
        "https://localhost:8091/",
        "https://issuer.localhost/path",
        "https://[::1]/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://169.254.169.254/latest",
        "https://10.0.0.1",
        "http://id.example.com",
        "https://user:password@id.example.com",
        "https://id.example.com@127.0.0.1",
        "https://id.example.com?next=http://127.0.0.1",
        "https://id.example.com/#",
        "https://id.example.com/../x y",
        "HTTPS://id.example.com",
        "https://intranet/issuer",
        "file:///etc/passwd",
    ],
)
def test_outside_the_local_stage_the_issuer_is_a_public_host_over_tls(issuer: str) -> None:
    (fault,) = _faults(IN_LAMBDA | {"TOKEN_ISSUER": issuer})
    assert fault.startswith("TOKEN_ISSUER")


@pytest.mark.parametrize(
    "issuer",
    [
        "https://id.example.com",
        "https://id.example.com/",
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123",
        "https://login.example.com:8443/tenant/v2.0",
        "https://localhost.example.com",
    ],
)
def test_a_public_issuer_is_accepted_in_every_stage(issuer: str) -> None:
    assert _read(IN_LAMBDA | {"TOKEN_ISSUER": issuer}).token_issuer == issuer
    assert _read(RIGHT | {"TOKEN_ISSUER": issuer}).token_issuer == issuer


def test_tokens_name_the_service_by_its_name_unless_told_otherwise() -> None:
    assert _read(RIGHT | {"SERVICE_NAME": "desk"}).token_audience == "desk"
    assert _read(RIGHT | {"TOKEN_AUDIENCE": "https://desk"}).token_audience == "https://desk"


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("TOKEN_AUDIENCE", "one, two\n", "1 to 20 words"),
        ("TOKEN_AUDIENCE", "one  two", "1 to 20 words"),
        ("TOKEN_AUDIENCE", " ", "1 to 20 words"),
        ("TOKEN_AUDIENCE_CLAIM", "sub", "aud or client_id or azp"),
        ("TOKEN_SCOPE_CLAIMS", "scope\tscp", "1 to 20 words"),
        ("TOKEN_SCOPE_PREFIX", "lending /", "1 to 255 printable characters, no spaces"),
        ("TOKEN_KEYS_URL", "http://login.example.com/keys", "https://host.name/path"),
        ("TOKEN_KEYS_URL", "https://127.0.0.1/keys", "https://host.name/path"),
    ],
)
def test_a_profile_of_tokens_that_cannot_be_meant_is_refused_in_a_line(
    variable: str, value: str, words: str
) -> None:
    client = {"TOKEN_AUDIENCE": "client"}
    (fault,) = _faults(IN_LAMBDA | client | {variable: value})
    assert fault.startswith(f"{variable} does not have the form {words}")


@pytest.mark.parametrize("claim", ["client_id", "azp"])
def test_an_application_that_may_call_is_named_and_never_guessed(claim: str) -> None:
    assert _faults(RIGHT | {"TOKEN_AUDIENCE_CLAIM": claim}) == ["TOKEN_AUDIENCE is missing"]
    settings = _read(RIGHT | {"TOKEN_AUDIENCE_CLAIM": claim, "TOKEN_AUDIENCE": "web mobile"})
    assert settings.token_audience.split() == ["web", "mobile"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MONGO_URI", "mongodb://host.example.com/"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=false"),
        ("MONGO_URI", "mongodb+srv://host.example.com/?tls=false"),
        ("MONGO_URI", "mongodb+srv://host.example.com/?tlsInsecure=true"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=true&tlsAllowInvalidCertificates=true"),
        ("MONGO_URI", "mongodb://host.example.com/?a=b&tls=true&tlsallowinvalidhostnames=TRUE"),
        ("MONGO_URI", "mongodb+srv://host.example.com/?retryWrites=true;tlsInsecure=true"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=true;tlsInsecure=true"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=true&tlsInsecure=%74rue"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=true&%74lsInsecure=true"),
        ("MONGO_URI", "mongodb://host.example.com/?%74ls=true"),
        ("MONGO_URI", "mongodb+srv://host.example.com/?tls=%66alse"),
        ("MONGO_URI", "mongodb+srv://host.example.com/?SSL=false"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=true&tls=false"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=false&tls=true"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=true&ssl=false"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=true&tlsInsecure=true&tlsInsecure=false"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=true&tlsDisableOCSPEndpointCheck=true"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=true&ssl_cert_reqs=CERT_NONE"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=true&ssl_match_hostname=false"),
        ("MONGO_URI", "mongodb://host.example.com/x&tls=true"),
        ("MONGO_URI", "mongodb://host.example.com/?tls=true&tlsInsecure"),
        ("RABBITMQ_URL", "amqp://host.example.com"),
        ("NUDGE_QUEUE_URL", "http://sqs.example.com/1/lending-nudges"),
        ("WEATHER_URL", "http://weather.example.com"),
        ("EVENT_BUS_TYPE", "base"),
    ],
)
def test_in_aws_nothing_travels_unencrypted_or_into_nothing(name: str, value: str) -> None:
    (fault,) = _faults(IN_LAMBDA | {name: value})
    assert fault.startswith(name)
    assert "example" not in fault


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb+srv://user:password@cluster.example.com/?retryWrites=true",
        "mongodb://a.example.com,b.example.com/?replicaSet=rs0&tls=true",
        "mongodb://a.example.com/?ssl=true&authSource=admin",
        "mongodb://a.example.com/?TLS=true&tls=%74rue&appName=a%20b&tlsInsecure=false",
        "mongodb+srv://user:p%3Bw@cluster.example.com?w=majority",
    ],
)
def test_mongodb_with_tls_is_fine_in_aws(uri: str) -> None:
    assert _read(IN_LAMBDA | {"MONGO_URI": uri}).mongo_uri == uri


ADDRESSES = [
    "MONGO_URI",
    "RABBITMQ_URL",
    "NUDGE_QUEUE_URL",
    "COMMAND_QUEUE_URL",
    "TOKEN_ISSUER",
    "WEATHER_URL",
]
NO_HOST = ["?", "{}", "{}://", "{}:///x", "{}://:80", "//host", "{}://user@", "{}://user:secret@/x"]
NO_SURE_HOST = [
    "{}://host:",
    "{}://host:0",
    "{}://host:65536",
    "{}://host:notaport/",
    "{}://h ost",
    "{}://host\n",
    "{}://host/\u200b",
    "{}://-/",
    "{}://../",
    "{}://0/",
    "{}://127.1/",
    "{}://0x7f.1/",
    "{}://1.2.3.999/",
    "{}://[::1",
    "{}://[::g]/",
    "{}://h\u00f6st/",
    "{}://host\\@other/",
    "{}://user/secret@host",
    "{}://user?secret@host",
    "{}://user#secret@host",
    "{}://user:sec@ret@host",
    "{}://user:sec:ret@host",
    "{}://user:sec%ret@host",
    "{}://:secret@host",
    "{}://,host",
    "{}://host,/x",
]


@pytest.mark.parametrize("form", [*NO_HOST, *NO_SURE_HOST])
@pytest.mark.parametrize("variable", ADDRESSES)
def test_an_address_without_a_certain_host_is_refused(variable: str, form: str) -> None:
    """A driver fills in its defaults, and connects to a host that nobody named."""
    address = form.format(RIGHT[variable].partition("://")[0])
    (fault,) = _faults(RIGHT | {variable: address})
    assert fault.startswith(f"{variable} does not have the form ")
    assert "secret" not in fault


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("MONGO_URI", "mongodb+srv://cluster.example.com:27017/"),
        ("MONGO_URI", "mongodb+srv://a.example.com,b.example.com/"),
        ("MONGO_URI", "mongodb://h1,,h2/"),
        ("MONGO_URI", "mongodb://h1:1,h2:notaport/"),
        ("RABBITMQ_URL", "amqp://h1,,h2:5672"),
        ("NUDGE_QUEUE_URL", "http://h1,h2"),
        ("TOKEN_ISSUER", "http://user:secret@host"),
    ],
)
def test_only_mongodb_and_rabbitmq_take_several_hosts(variable: str, address: str) -> None:
    (fault,) = _faults(RIGHT | {variable: address})
    assert fault.startswith(f"{variable} does not have the form ")


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://h1,h2:27018,[::1]:27019/shop?replicaSet=rs0",
        "mongodb://us%40er:p%2Fw@127.0.0.1/?authSource=admin",
        "mongodb+srv://user@cluster.example.com",
        "mongodb://my_host.internal.:1",
    ],
)
def test_a_whole_address_of_mongodb_is_accepted(uri: str) -> None:
    assert _read(RIGHT | {"MONGO_URI": uri}).mongo_uri == uri


def test_a_setting_of_any_type_is_read_from_its_text() -> None:
    texts = {"RETRIES": "5", "DRY_RUN": "true", "UNIT": "k", "REGION": "south"}
    settings = MoreSettings.read(RIGHT | texts, "lending")
    assert (settings.retries, settings.dry_run) == (5, True)
    assert (settings.unit, settings.region) == (Unit.KELVIN, "south")
    assert (settings.proxy_url, settings.tides_url) == (None, "http://127.0.0.1:8093")


def test_faults_of_every_type_describe_it_without_the_value() -> None:
    texts = {"RETRIES": "6", "DRY_RUN": "odd", "UNIT": "odd", "REGION": "odd", "PROXY_URL": "odd"}
    with pytest.raises(BadSettings) as refusal:
        MoreSettings.read(RIGHT | texts, "lending")
    assert refusal.value.faults == [
        "RETRIES does not have the form `int` <= 5",
        "DRY_RUN does not have the form `bool`",
        "UNIT does not have the form c or k",
        "REGION does not have the form north or south",
        "PROXY_URL does not have the form http://host:port/path, or https",
    ]


def test_a_default_for_the_local_stage_does_not_count_in_aws() -> None:
    with pytest.raises(BadSettings) as refusal:
        MoreSettings.read(IN_LAMBDA, "lending")
    assert refusal.value.faults == ["TIDES_URL is missing"]


def test_a_service_adds_its_own_to_those_of_every_service() -> None:
    assert _read(RIGHT).weather_url == RIGHT["WEATHER_URL"]
    assert _read(RIGHT).mongo_uri == RIGHT["MONGO_URI"]
    assert carafe.Settings.read(RIGHT, "lending").mongo_uri == RIGHT["MONGO_URI"]


def test_what_one_service_adds_is_demanded_of_no_other() -> None:
    without = {name: value for name, value in RIGHT.items() if name != "WEATHER_URL"}
    assert carafe.Settings.read(without, "lending").service_name == "lending"
    assert _faults(without) == ["WEATHER_URL is missing"]
