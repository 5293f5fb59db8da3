"""What a deployment would do to a stack, as CloudFormation says."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct
from rich.table import Table

STATEFUL = {
    "AWS::AmazonMQ::Broker",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
}
"""What holds messages or secrets; whose replacement is empty."""

ADD, MODIFY, REMOVE, REPLACE = "add", "modify", "remove", "replace"


class Change(Struct, frozen=True):
    """A change of one resource.

    Attributes:
        action: `add`, `modify`, `replace` or `remove`.
        resource: its name in the template.
        type: its type in CloudFormation.
        is_certain: whether CloudFormation knows that it will be replaced; it may find out later.
    """

    action: str
    resource: str
    type: str
    is_certain: bool = True

    @property
    def loses_state(self) -> bool:
        """Whether messages or secrets may be lost to the service."""
        return self.type in STATEFUL and self.action in {REMOVE, REPLACE}


def changes_of(entries: Iterable[Mapping[str, Any]]) -> list[Change]:
    """Return the changes of a change set, the gravest first."""
    order = (REMOVE, REPLACE, MODIFY, ADD)
    changes = [_change(each["ResourceChange"]) for each in entries if "ResourceChange" in each]
    key = lambda each: (not each.loses_state, order.index(each.action), each.resource)  # noqa: E731 - short
    return sorted(changes, key=key)


def table_of(changes: Iterable[Change]) -> Table:
    """Return changes as a table, in which those that lose state stand out."""
    table = Table(box=None, header_style="")
    for title in ("change", "resource", "type"):
        table.add_column(title, overflow="fold")
    for each in changes:
        action = each.action if each.is_certain else f"{each.action}?"
        mark = "!! " if each.loses_state else ""
        style = "bold red" if each.loses_state else ""
        table.add_row(f"{mark}{action}", each.resource, each.type, style=style)
    return table


def _change(entry: Mapping[str, Any]) -> Change:
    replacement = entry.get("Replacement", "False")
    action = {"Add": ADD, "Remove": REMOVE, "Import": ADD}.get(entry["Action"], MODIFY)
    if action == MODIFY and replacement != "False":
        action = REPLACE
    return Change(
        action, entry["LogicalResourceId"], entry["ResourceType"], replacement != "Conditional"
    )
