"""Addresses of servers, valid only if it is certain which host they mean.

Drivers fill in what an address lacks: pika reads `?` as localhost:5672. And an unescaped sign in
a password moves the host: `http://user/pass@host` leads to `user`. Hence the strict form of
RFC 3986: a scheme, a host, a port behind every colon, and no `@` but the one behind a login.
"""

from urllib.parse import quote, unquote

_LARGEST_PORT = 65_535
_LONGEST_NAME = 253  # RFC 1035
_LONGEST_LABEL = 63  # the same
_HEX = frozenset("0123456789abcdefABCDEF")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
_LOGIN = _NAME | frozenset("~!$&'()*+,;=%")


def is_web_address(text: str, schemes: tuple[str, ...] = ("http", "https")) -> bool:
    """Return whether a text is `http(s)://[user[:password]@]host[:port][/path]`."""
    scheme, login, hosts, _ = _parts(text)
    return scheme in schemes and _is_login(login) and _is_host(hosts)


def is_broker_address(text: str) -> bool:
    """Return whether a text is `amqp(s)://[user:password@]host[:port][,host[:port]…][/vhost]`.

    There is no query: pika would evaluate its `ssl_options` as Python.
    """
    scheme, login, hosts, tail = _parts(text)
    if login is not None and ":" not in login:
        return False  # pika has no default for a password
    is_vhost = "?" not in tail and "/" not in tail[1:]
    are_hosts = all(map(_is_host, hosts.split(",")))
    return scheme in {"amqp", "amqps"} and _is_login(login) and are_hosts and is_vhost


def addresses_of_nodes(broker_address: str) -> list[str]:
    """Return the address of each node of a broker whose address names several hosts."""
    # Not by urlsplit: newer Pythons refuse an IPv6 address that is not the first.
    scheme, login, hosts, tail = _parts(broker_address)
    user = "" if login is None else f"{login}@"
    return [f"{scheme}://{user}{host}{tail}" for host in hosts.split(",")]


def login_of(broker_address: str) -> tuple[str, str]:
    """Return user and password of a broker's address; they are empty if it has none."""
    _, login, _, _ = _parts(broker_address)
    user, _, password = (login or "").partition(":")
    return unquote(user), unquote(password)


def with_login(address: str, user: str, password: str) -> str:
    """Return a valid address of a server with a login in place of the one that it may have."""
    scheme, _, hosts, tail = _parts(address)
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{hosts}{tail}"


def virtual_host_of(broker_address: str) -> str:
    """Return the virtual host of a broker's address."""
    _, _, _, tail = _parts(broker_address)
    return unquote(tail[1:]) or "/"


def is_mongo_address(text: str) -> bool:
    """Return whether a text is `mongodb://[user[:password]@]host[:port][,host[:port]…][/…]`.

    With `mongodb+srv` there is one host without a port.
    """
    scheme, login, hosts, _ = _parts(text)
    if not _is_login(login):
        return False
    if scheme == "mongodb+srv":
        return ":" not in hosts and _is_host(hosts)
    return scheme == "mongodb" and all(map(_is_host, hosts.split(",")))


def _parts(text: str) -> tuple[str, str | None, str, str]:
    """Return scheme, login, hosts, and the rest; no hosts if it is uncertain where they end."""
    scheme, _, rest = text.partition("://")
    authority = rest.partition("/")[0].partition("?")[0]
    tail = rest[len(authority) :]
    # A parser may drop control characters, read `\` as `/`, and end the host at `#`.
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(" \\#")
    if not is_plain or "@" in tail:
        return scheme, None, "", ""
    login, at, hosts = authority.rpartition("@")
    return scheme, login if at else None, hosts, tail


def _is_login(login: str | None) -> bool:
    if login is None:
        return True
    user, colon, password = login.partition(":")
    return _is_escaped(user) and (not colon or _is_escaped(password))


def _is_escaped(text: str) -> bool:
    if not text or not set(text) <= _LOGIN:
        return False
    return all(len(each) > 1 and set(each[:2]) <= _HEX for each in text.split("%")[1:])


def _is_host(text: str) -> bool:
    if text.startswith("["):
        address, bracket, port = text[1:].partition("]")
        valid_port = port == "" or (port[0] == ":" and _is_port(port[1:]))
        return bool(bracket) and valid_port and "%" not in address and _is_ip_address(address, 6)
    name, colon, port = text.partition(":")
    if colon and not _is_port(port):
        return False
    labels = name.removesuffix(".").split(".")
    # `0`, `127.1` and `0x7f.1` look like names, but mean this machine.
    if labels[-1].isdecimal() or labels[-1].lower().startswith("0x"):
        return _is_ip_address(name, 4)
    return set(name) <= _NAME and len(name) <= _LONGEST_NAME and all(map(_is_label, labels))


def _is_port(text: str) -> bool:
    return text.isdecimal() and text[0] != "0" and int(text[:6]) <= _LARGEST_PORT


def _is_label(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_LABEL and "-" not in {text[0], text[-1]}


def _is_ip_address(text: str, version: int) -> bool:
    import ipaddress  # noqa: PLC0415 - most hosts have a name

    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False
