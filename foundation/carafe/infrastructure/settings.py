"""A service's settings: read from the environment once, and all faults told at once.

A service adds its own:

    class Settings(carafe.Settings, frozen=True, kw_only=True):
        weather_url: str

        @staticmethod
        def own(reader: Reader) -> dict[str, Any]:
            return {"weather_url": reader.web("WEATHER_URL")}
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from msgspec import Struct

LOCAL_STAGE = "local"

SERVICE_NAME = r"[a-z][a-z0-9-]{0,39}"
"""The form of a service's name."""

# Where tokens come from: outside the local stage over TLS, and from a public host by name, so
# that no issuer on a developer's machine can ever be believed there.
_PUBLIC_ISSUER = (
    r"https://(?!([a-z0-9-]+\.)*localhost([:/]|\Z))"
    r"([a-z0-9-]+\.)+[a-z][a-z0-9-]*(:[0-9]+)?(/[\w.~-]+)*/?"
)
_ANY_ISSUER = r"https?://[\w.-]+(:[0-9]+)?(/[\w.~-]+)*/?"

# In AWS nothing travels unencrypted, and servers show their certificates.
_ANY_MONGO = r"mongodb(\+srv)?://\S+"
_UNCHECKED_TLS = r"(?!\S*[?&](?i:(tls|ssl)=false|tlsInsecure=true|tlsAllowInvalid\w+=true))"
_MONGO_WITH_TLS = _UNCHECKED_TLS + r"(mongodb\+srv://\S+|mongodb://\S+[?&](tls|ssl)=true(&\S*)?)"


class BadSettings(Exception):
    """Settings are missing or wrong.

    Args:
        faults: one sentence for each; none holds a value, which may be secret.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__(
            "The environment is not right (.env.example explains each setting):\n"
            + "\n".join(f"  - {fault}" for fault in faults)
        )
        self.faults = faults


class Settings(Struct, frozen=True, kw_only=True):
    """What the environment decides.

    Attributes:
        stage: local outside AWS Lambda; inside, what STAGE says.
        port: where the HTTP functions are served on a developer's machine.
        service_name: names the exchange, the queues and the events' source.
        mongo_uri: where the documents are.
        mongo_database: in which database.
        event_bus_type: `rabbitmq`, or `base` for the in-memory bus.
        rabbitmq_url: where the broker is; unused with `base`.
        nudge_queue_url: the SQS queue that triggers the bridge.
        token_issuer: whose access tokens count, exactly as they name it.
        token_audience: how access tokens name this service.
        cursor_secret: seals the cursors of pages; at least 16 characters.
        sweep_grace_seconds: events waiting for less are left to the nudges.
    """

    stage: str
    port: int
    service_name: str
    mongo_uri: str
    mongo_database: str
    event_bus_type: str
    rabbitmq_url: str
    nudge_queue_url: str
    token_issuer: str
    token_audience: str
    cursor_secret: str
    sweep_grace_seconds: float

    @property
    def is_local(self) -> bool:
        """The service runs on a developer's machine, not in AWS."""
        return self.stage == LOCAL_STAGE

    @staticmethod
    def own(reader: "Reader") -> dict[str, Any]:
        """Read the settings that a service adds; by attribute name."""
        del reader
        return {}

    @classmethod
    def read(cls, environment: Mapping[str, str], service: str) -> Self:
        """Read and check all settings.

        Args:
            environment: names and values, such as `os.environ`.
            service: names the service and its database where the environment does not.

        Raises:
            BadSettings: names every one that is missing or wrong.
        """
        reader = Reader(environment)
        in_memory = environment.get("EVENT_BUS_TYPE") == "base"
        name = reader.text("SERVICE_NAME", SERVICE_NAME, service)
        values: dict[str, Any] = {
            "stage": reader.stage(),
            "port": reader.port("PORT", "8000"),
            "service_name": name,
            "mongo_uri": reader.mongo("MONGO_URI"),
            "mongo_database": reader.text("MONGO_DATABASE", r"[A-Za-z0-9_-]{1,63}", service),
            "event_bus_type": reader.choice("EVENT_BUS_TYPE", reader.buses),
            "rabbitmq_url": "" if in_memory else reader.broker("RABBITMQ_URL"),
            "nudge_queue_url": reader.web("NUDGE_QUEUE_URL"),
            "token_issuer": reader.issuer(),
            "token_audience": reader.text("TOKEN_AUDIENCE", r"[\x21-\x7e]{1,255}", name or "-"),
            "cursor_secret": reader.text("CURSOR_SECRET", r"\S{16,}", reader.local_secret),
            "sweep_grace_seconds": reader.seconds("SWEEP_GRACE_SECONDS", "10"),
            **cls.own(reader),
        }
        if reader.faults:
            raise BadSettings(reader.faults)
        return cls(**values)


def environment(file: Path) -> Mapping[str, str]:
    """Return the process's environment; outside AWS Lambda, a file fills in what it lacks.

    It is filled in for the whole process, since boto3 looks for its own settings there.

    Args:
        file: a service's `.env`, which need not exist.
    """
    if not in_lambda(os.environ) and file.exists():
        from dotenv import load_dotenv  # noqa: PLC0415 - not deployed

        load_dotenv(file, interpolate=False)
    return os.environ


def in_lambda(environment: Mapping[str, str]) -> bool:
    """Tell whether AWS Lambda's runtime set this environment; it reserves the name."""
    return "AWS_LAMBDA_FUNCTION_NAME" in environment


class Reader:
    """Takes settings from an environment and collects what is wrong with them.

    Every method takes a variable's name and returns its value, or an empty one once it has noted
    that the variable is missing or wrong.

    Args:
        environment: names and values.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.faults: list[str] = []

    def text(self, name: str, form: str, default: str | None = None) -> str:
        """Return a text of exactly a form, a regular expression."""
        return self._checked(name, default, lambda value: re.fullmatch(form, value), form)

    @property
    def buses(self) -> tuple[str, ...]:
        """The event buses; one in memory would confirm events into nothing in AWS."""
        return ("rabbitmq",) if in_lambda(self._environment) else ("rabbitmq", "base")

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Return one of some words, by default the first."""
        return self._checked(name, choices[0], choices.__contains__, " or ".join(choices))

    def broker(self, name: str) -> str:
        """Return where the broker is; in AWS over TLS."""
        if in_lambda(self._environment):
            form = "amqps://user:password@host:5671/vhost, with %2F for the vhost /"
            schemes = {"amqps"}
        else:
            form = "amqp://user:password@host:5672/vhost, or amqps, with %2F for the vhost /"
            schemes = {"amqp", "amqps"}
        return self._checked(name, None, lambda value: _is_broker(value, schemes), form)

    def mongo(self, name: str) -> str:
        """Return where the database is; in AWS over TLS."""
        return self.text(name, _MONGO_WITH_TLS if in_lambda(self._environment) else _ANY_MONGO)

    def web(self, name: str, local: str | None = None) -> str:
        """Return where something is that speaks HTTP, in AWS over TLS; `local` is a default."""
        if in_lambda(self._environment):
            return self.text(name, r"https://\S+")
        return self.text(name, r"https?://\S+", local)

    def seconds(self, name: str, default: str) -> float:
        """Return a duration in seconds."""
        form = r"[0-9]+(\.[0-9]+)?"
        return float(self.text(name, form, default) or 0)

    def port(self, name: str, default: str) -> int:
        """Return a port of TCP."""
        form = "a number from 1 to 65535"
        return int(self._checked(name, default, _is_port, form) or 0)

    @property
    def local_secret(self) -> str | None:
        """A secret that is none, for the local stage alone."""
        return self.only_locally("local-and-no-secret")

    def only_locally(self, value: str) -> str | None:
        """Return a default for the local stage alone."""
        return None if in_lambda(self._environment) else value

    def stage(self) -> str:
        """Return the stage; only a machine outside AWS is the local one."""
        if not in_lambda(self._environment):
            return LOCAL_STAGE
        form = "a name other than local"
        return self._checked("STAGE", None, lambda value: value != LOCAL_STAGE, form)

    def issuer(self) -> str:
        """Return the issuer of tokens; the local one can be one on this machine."""
        if not in_lambda(self._environment):
            return self.text("TOKEN_ISSUER", _ANY_ISSUER)
        form = "https://host.name/path of a public host"
        return self._checked(
            "TOKEN_ISSUER", None, lambda value: re.fullmatch(_PUBLIC_ISSUER, value), form
        )

    def _checked(
        self, name: str, default: str | None, fits: Callable[[str], object], form: str
    ) -> str:
        value = self._environment.get(name) or default
        if value is None:
            self.faults.append(f"{name} is missing")
        elif not fits(value):
            self.faults.append(f"{name} does not have the form {form}")
        else:
            return value
        return ""


def _is_broker(value: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    whole = parts.scheme in schemes and parts.hostname and not re.search(r"\s", value)
    # What is not escaped in a password, such as / or @, moves the parts.
    return bool(whole) and port != 0 and "/" not in parts.path[1:] and "@" not in parts.path


def _is_port(value: str) -> bool:
    return value.isascii() and value.isdigit() and 1 <= int(value[:6]) <= 65_535  # noqa: PLR2004 - TCP's limit
