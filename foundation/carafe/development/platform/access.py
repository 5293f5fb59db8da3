"""Gives each service its place on the broker: a user of its own, exchanges, queues and bindings.

RabbitMQ checks three rights of a user, by names of exchanges and queues: to configure, to write, to
read. A binding writes to its queue and reads from its exchange:
https://www.rabbitmq.com/docs/access-control#authorisation

Part of the code of the platform's function, so it imports the standard library alone.
"""

import re
import secrets
from collections.abc import Iterator
from urllib.parse import quote

from carafe.development.platform.administration import AccessFailed, Administration, Json, Login

PASSWORD_BYTES = 36

FOR_THE_CONSOLE = "management"
ADMINISTRATOR = "administrator"
"""Tags of users: what they may do in the management API, beside the rights on names."""

ALTERNATE = "alternate-exchange"
DEAD_LETTERS = "x-dead-letter-exchange"
DEAD_LETTERS_KEY = "x-dead-letter-routing-key"
"""Arguments that lead messages on."""

EVERYTHING = dict.fromkeys(("configure", "write", "read"), ".*")
"""The rights of an administrator."""

OWN_VIRTUAL_HOST = quote("/", safe="")

SUFFIXES = (".a", ".b")
"""Of a service's two users, which take turns when the password changes."""


def grant(broker: Administration, place: Json, login: Login) -> None:
    """Create what a service needs, and the user that may use it; what exists stays as it is.

    The virtual host exists, as `open_virtual_host` leaves it.

    Args:
        broker: where.
        place: `service`, and its `exchanges`, `queues` and `bindings`, as the contracts declare
            them.
        login: of the service.

    Raises:
        AccessFailed: the place is not the service's own, the login is an administrator's, or the
            broker refuses something.
    """
    _require_own(place)
    require_no_administrator(broker, login)
    _declare(broker, place)
    _allow(broker, login, FOR_THE_CONSOLE, rights_of(place))
    other = other_user(login.username)
    if broker.get("users", quote(other, safe="")) is not None:
        broker.put("permissions", broker.vhost, quote(other, safe=""), body=rights_of(place))


def require_no_administrator(broker: Administration, login: Login) -> None:
    """Require that a login is nobody's who may do everything: it would lose that right.

    Raises:
        AccessFailed: it is.
    """
    user = broker.get("users", quote(login.username, safe=""))
    if user is not None and ADMINISTRATOR in _tags(user):
        raise AccessFailed(
            f"{login.username} is an administrator: a service needs a user of its own"
        )


def make_administrator(broker: Administration, login: Login) -> None:
    """Create a user that may do everything."""
    _allow(broker, login, ADMINISTRATOR, EVERYTHING)


def open_virtual_host(broker: Administration, administrator: str) -> None:
    """Create the virtual host unless it is there, and let an administrator use it."""
    if broker.get("vhosts", broker.vhost) is None:
        broker.put("vhosts", broker.vhost, body={})
    broker.put("permissions", broker.vhost, quote(administrator, safe=""), body=EVERYTHING)


def rights_of(place: Json) -> dict[str, str]:
    """Return the patterns of the names that a service may configure, write and read.

    They are those that begin with its name, and the queues that the broker names. To read, the
    exchanges of other services are added whose messages it handles.
    """
    own = [rf"{re.escape(place['service'])}\..+", r"amq\.gen-.+"]
    foreign = [
        re.escape(each["name"])
        for each in place["exchanges"]
        if not each["owned"] and each["kind"] == "topic"
    ]
    return {"configure": _any(own), "write": _any(own), "read": _any([*own, *sorted(foreign)])}


def next_login(broker: Administration, current: str) -> Login:
    """Create the user that takes over from another, with the same rights and a new password.

    Both logins are good until `retire`.

    Raises:
        AccessFailed: the current user does not exist, or the other one is still in use.
    """
    user = broker.get("users", quote(current, safe=""))
    rights = broker.get("users", quote(current, safe=""), "permissions")
    if user is None or not rights:
        raise AccessFailed(f"the broker has no user {current}, or it has no rights")
    login = Login(other_user(current), secrets.token_urlsafe(PASSWORD_BYTES))
    _require_unused(broker, login.username)
    create_user(broker, login, ",".join(_tags(user)))
    for each in rights:
        kept = {name: each[name] for name in EVERYTHING}
        vhost, name = quote(each["vhost"], safe=""), quote(login.username, safe="")
        broker.put("permissions", vhost, name, body=kept)
    if not broker.accepts(login):
        raise AccessFailed(f"the broker does not accept the new login of {login.username}")
    return login


def retire(broker: Administration, current: str) -> str:
    """Delete the user from which another has taken over, and return its name.

    Raises:
        AccessFailed: somebody still uses it.
    """
    other = other_user(current)
    _require_unused(broker, other)
    broker.delete("users", quote(other, safe=""))
    return other


def revoke(broker: Administration, stack: str) -> None:
    """Delete both users of a stack; the queues keep their messages."""
    for suffix in SUFFIXES:
        broker.delete("users", quote(f"{stack}{suffix}", safe=""))


def clear(broker: Administration, service: str) -> None:
    """Delete a service's queues and exchanges with the messages in them.

    The virtual host is deleted with the last queue, unless it is the broker's own.
    """
    for kind in ("queues", "exchanges"):
        for each in broker.get(kind, broker.vhost) or ():
            if each["name"].startswith(f"{service}."):
                broker.delete(kind, broker.vhost, quote(each["name"], safe=""))
    if broker.vhost != OWN_VIRTUAL_HOST and not broker.get("queues", broker.vhost):
        broker.delete("vhosts", broker.vhost)


def other_user(username: str) -> str:
    """Return the name of the user that takes turns with another."""
    first, second = SUFFIXES
    if username.endswith(first):
        return username.removesuffix(first) + second
    return username.removesuffix(second) + first


def _require_own(place: Json) -> None:
    """Require that what a service owns bears its name, and leads to nothing else.

    The administrator declares it, whom the broker refuses nothing.

    Raises:
        AccessFailed: something does not.
    """
    names = {
        *(each["name"] for each in place["exchanges"] if each["owned"]),
        *(each["name"] for each in place["queues"]),
        *(each["queue"] for each in place["bindings"]),
        *(each["arguments"].get(ALTERNATE, "") for each in place["exchanges"] if each["owned"]),
        *(target for each in place["queues"] for target in _dead_letter_targets(each)),
    }
    foreign = sorted(each for each in names - {""} if not each.startswith(f"{place['service']}."))
    if foreign:
        raise AccessFailed(f"{foreign[0]} is not a name of {place['service']}'s own")


def _dead_letter_targets(queue: Json) -> Iterator[str]:
    """Yield the exchange and the key to which a queue's dead letters go."""
    exchange = queue["arguments"].get(DEAD_LETTERS)
    if exchange is not None:
        yield exchange
        # Without a key of the queue's, AMQP's default exchange would follow the message's own.
        yield queue["arguments"].get(DEAD_LETTERS_KEY, "the key of a message")


def _declare(broker: Administration, place: Json) -> None:
    """Create what is missing.

    The administrator does it, since a queue with a dead-letter exchange may be created only by who
    may write to that exchange: it is AMQP's default one, which leads to every queue.
    """
    existing = {each["name"] for each in broker.get("exchanges", broker.vhost)}
    for each in place["exchanges"]:
        if each["owned"] or each["name"] not in existing:
            body = {"type": each["kind"], "durable": True, "arguments": each["arguments"]}
            broker.put("exchanges", broker.vhost, quote(each["name"], safe=""), body=body)
    for each in place["queues"]:
        body = {"durable": True, "arguments": each["arguments"]}
        broker.put("queues", broker.vhost, quote(each["name"], safe=""), body=body)
    for each in place["bindings"]:
        names = ("e", quote(each["exchange"], safe=""), "q", quote(each["queue"], safe=""))
        body = {"routing_key": each["routing_key"], "arguments": {}}
        broker.post("bindings", broker.vhost, *names, body=body)


def _allow(broker: Administration, login: Login, tags: str, rights: Json) -> None:
    create_user(broker, login, tags)
    broker.put("permissions", broker.vhost, quote(login.username, safe=""), body=rights)


def create_user(broker: Administration, login: Login, tags: str) -> None:
    """Create a user without rights, or give one another password."""
    body = {"password": login.password, "tags": tags}
    broker.put("users", quote(login.username, safe=""), body=body)


def _require_unused(broker: Administration, username: str) -> None:
    connections = sum(each.get("user") == username for each in broker.get("connections"))
    if connections:
        raise AccessFailed(
            f"{username} still has {connections} connections: wait until everybody uses the other "
            "login, and switch the mapping of consume off and on"
        )


def _tags(user: Json) -> Iterator[str]:
    """Yield a user's tags: a list from RabbitMQ 3.9 on, a text before."""
    tags = user["tags"]
    yield from (each for each in (tags.split(",") if isinstance(tags, str) else tags) if each)


def _any(patterns: list[str]) -> str:
    return f"^({'|'.join(patterns)})$"
