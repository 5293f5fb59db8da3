"""By what an example value of an attribute is found again."""

from carafe.development.discovery.model import Attribute

Key = tuple[str, str, str, int, int]


def key_of(attribute: Attribute) -> Key:
    """Return the key of an attribute's example.

    A parameter that an optional attribute gives is required, and has the same example.
    """
    kind = attribute.type
    return attribute.owner, attribute.full_name, kind.name, kind.least, kind.most
