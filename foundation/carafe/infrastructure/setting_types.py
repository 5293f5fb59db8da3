"""Types of settings: their annotations say which texts are valid.

As in `carafe.contracts.validation`, msgspec checks types, and the patterns and bounds of `Meta`,
one field at a time so that every fault is found. `Form`, `InLambda` and `LocalDefault` are added
here. msgspec's messages may quote the value, which may be secret: faults describe the form.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import unquote_plus

import msgspec
from msgspec import Meta
from msgspec.structs import FieldInfo

from carafe.contracts.addresses import is_broker_address, is_mongo_address, is_web_address

Check = Callable[[str], bool]


class Form:
    """A rule for the text of a setting.

    Args:
        words: how a fault describes the rule.
        is_valid: holds a text against it.
    """

    def __init__(self, words: str, is_valid: Check) -> None:
        self.words = words
        self.is_valid = is_valid


class InLambda(Form):
    """A further rule, in AWS Lambda only; its words describe all rules for the setting there."""


class LocalDefault:
    """A default for the local stage only; in AWS Lambda the setting is required.

    Args:
        text: as the environment would hold it.
    """

    def __init__(self, text: str) -> None:
        self.text = text


def matching(pattern: str) -> Check:
    """Return the check that a whole text fits a regular expression, compiled on first use."""
    return lambda text: re.fullmatch(pattern, text) is not None


def _is_secure_web_address(text: str) -> bool:
    return is_web_address(text, ("https",))


def _is_issuer(text: str) -> bool:
    return is_web_address(text) and re.fullmatch(_ISSUER, text) is not None


def _is_mongo_with_tls(text: str) -> bool:
    """Return whether MongoDB is reached over TLS and its certificate is checked.

    Options are read as pymongo does: their names in any case, their values unquoted.
    """
    address, _, query = text.partition("?")
    uses_tls = address.startswith("mongodb+srv://")
    for option in query.split("&") if query else ():
        name, _, value = option.partition("=")
        name, value = name.lower(), unquote_plus(value)
        if ";" in option or "%" in name or option.count("=") != 1:
            return False  # drivers disagree about what such an option means
        if name in {"tls", "ssl"}:
            if value != "true":
                return False
            uses_tls = True
        elif name.startswith(_OLD_TLS) or (name.startswith(_LAX_TLS) and value != "false"):
            return False
    return uses_tls


SERVICE_NAME = r"[a-z][a-z0-9-]{0,39}"
"""The form of a service's name."""

# How the names of MongoDB's options begin that weaken the check of certificates.
_LAX_TLS = ("tlsinsecure", "tlsallowinvalid", "tlsdisable")
_OLD_TLS = "ssl_"  # those of pymongo 3, which pymongo 4 ignores

_ISSUER = r"https?://[^/@?]+(/[\w.~-]+)*/?"

# A public host by name: no issuer on a developer's machine can ever be believed there.
_PUBLIC_ISSUER = (
    r"https://(?!([a-z0-9-]+\.)*localhost([:/]|\Z))"
    r"([a-z0-9-]+\.)+[a-z][a-z0-9-]*(:[0-9]+)?(/[\w.~-]+)*/?"
)

Port = Annotated[int, Meta(ge=1, le=65_535, description="a number from 1 to 65535")]
Seconds = Annotated[
    float,
    Meta(le=86_400),  # a day; `timedelta` cannot hold every number
    Form("a number up to 86400, such as 10 or 0.5", matching(r"[0-9]+(\.[0-9]+)?")),
]
Words = Annotated[
    str,
    Meta(
        pattern=r"^[!-~]{1,255}( [!-~]{1,255}){0,19}\Z",
        description="1 to 20 words of printable characters, one space between them",
    ),
]
WebAddress = Annotated[
    str,
    Form("http://host:port/path, or https", is_web_address),
    InLambda("https://host:port/path", _is_secure_web_address),
]
_HOST = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?"

Origins = Annotated[
    str,
    Form(
        "https://host of each page, or http, without a path, one space between them",
        matching(rf"https?://{_HOST}( https?://{_HOST})*"),
    ),
    InLambda(
        "https://host of each page, without a path, one space between them",
        matching(rf"https://{_HOST}( https://{_HOST})*"),
    ),
]
"""As browsers say where a page is from, in the header Origin; `*` is none."""

BrokerAddress = Annotated[
    str,
    Form(
        "amqp://user:password@host:5672/vhost, or amqps, with %2F for the vhost /, every special "
        "character escaped, and a comma between several hosts",
        is_broker_address,
    ),
    InLambda(
        "amqps://user:password@host:5671/vhost, with %2F for the vhost /, and every special "
        "character escaped",
        lambda text: text.startswith("amqps://"),
    ),
]
MongoAddress = Annotated[
    str,
    Form(
        "mongodb://user:password@host:27017/?options, or mongodb+srv, with every special "
        "character of the login escaped",
        is_mongo_address,
    ),
    InLambda(
        "mongodb+srv://host/?options, or mongodb://host/?tls=true, with certificates checked, "
        "and every special character of the login escaped",
        _is_mongo_with_tls,
    ),
]
Issuer = Annotated[
    str,
    Form("http://host:port/path, or https", _is_issuer),
    InLambda("https://host.name/path of a public host", matching(_PUBLIC_ISSUER)),
]


def local_defaults(fields: Sequence[FieldInfo]) -> dict[str, str]:
    """Return the texts of settings that have a default in the local stage only."""
    return {
        field.name: annotation.text
        for field in fields
        for annotation in _annotations(field.type)
        if isinstance(annotation, LocalDefault)
    }


def faults_of(
    fields: Sequence[FieldInfo],
    texts: Mapping[str, str],
    required: Collection[str],
    *,
    deployed: bool,
) -> Iterator[str]:
    """Yield a sentence for each setting that is missing or wrong.

    Args:
        fields: of the settings.
        texts: what was set, by the field's name.
        required: the fields' names that must be set.
        deployed: in AWS Lambda, where more is demanded.
    """
    for field in fields:
        variable = field.name.upper()
        text = texts.get(field.name)
        if text is None:
            if field.name in required:
                yield f"{variable} is missing"
        elif form := _violated_form(field.type, text, deployed=deployed):
            yield f"{variable} does not have the form {form}"


def _violated_form(kind: Any, text: str, *, deployed: bool) -> str | None:  # noqa: ANN401 - a type form
    """Return how a type's form is described if a text does not have it."""
    rules = [
        each
        for each in _annotations(kind)
        if isinstance(each, Form) and (deployed or not isinstance(each, InLambda))
    ]
    try:
        msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as error:
        return rules[-1].words if rules else _described(kind, str(error))
    return None if all(each.is_valid(text) for each in rules) else rules[-1].words


def _described(kind: Any, refusal: str) -> str:  # noqa: ANN401 - the same
    """Return words for a type: its description, its choices, or msgspec's without the value."""
    for annotation in _annotations(kind):
        if isinstance(annotation, Meta) and annotation.description:
            return annotation.description
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if get_origin(bare) is Literal:
        return " or ".join(map(str, get_args(bare)))
    if isinstance(bare, type) and issubclass(bare, Enum):
        return " or ".join(str(each.value) for each in bare)
    if refusal.startswith("Expected "):
        return refusal.removeprefix("Expected ").partition(", got")[0]
    return getattr(bare, "__name__", str(bare))


def _annotations(kind: Any) -> Iterator[Any]:  # noqa: ANN401 - the same
    """Yield what stands in a type's annotation, also in that of `… | None`."""
    if get_origin(kind) is Annotated:
        inner, *own = get_args(kind)
        yield from _annotations(inner)
        yield from own
    elif get_origin(kind) is not Literal:
        for each in get_args(kind):
            yield from _annotations(each)
