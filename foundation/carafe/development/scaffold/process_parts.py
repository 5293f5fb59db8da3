"""What each process of a model adds to the tree."""

from carafe.development.discovery.process_model import OwnCommand, SentCommand

from .inbox_parts import add_inbox_events, add_refusal
from .parts import BUILDERS, Scaffold
from .process_details import DetailedProcess, refusal_of

SENT = "chalicelib/contracts/sent_commands.py"


def add_process(scaffold: Scaffold, process: DetailedProcess) -> None:
    """Add a process, the contracts of what it sends and follows, its handlers, and tests."""
    _add_domain(scaffold, process)
    _add_sent_commands(scaffold, process)
    add_inbox_events(scaffold, process.followed)
    for receiver in process.refusals:
        add_refusal(scaffold, receiver, refusal_of(receiver))
    _add_repository(scaffold, process)
    _add_api(scaffold, process)


def _add_domain(scaffold: Scaffold, process: DetailedProcess) -> None:
    text = scaffold.render("domain/process", process=process)
    scaffold.tree.add(f"chalicelib/domain/{process.snake}.py", text)
    scaffold.package(BUILDERS)
    support = scaffold.render("tests/process_support", process=process)
    scaffold.tree.add(f"{BUILDERS}/{process.collection}.py", support)
    tests = scaffold.render("tests/process_unit", process=process)
    scaffold.tree.add(f"tests/unit/test_{process.snake}.py", tests)


def _add_sent_commands(scaffold: Scaffold, process: DetailedProcess) -> None:
    """Add the contracts of the commands that a process sends, and declare them."""
    scaffold.tree.ensure(SENT, scaffold.render("contracts/sent_commands"))
    scaffold.shared.declare_sent()
    for each in process.sends:
        contract = _contract(scaffold, each)
        scaffold.shared.add_import(SENT, f"from chalicelib.domain import {process.snake}")
        scaffold.shared.add_element(SENT, "SENT", f"{process.snake}.{each.name}: {contract}")


def _contract(scaffold: Scaffold, command: SentCommand | OwnCommand) -> str:
    """Provide the contract of a command, and return the name of its class."""
    if isinstance(command, OwnCommand):
        scaffold.shared.add_import(SENT, f"from .commands import {command.name}")
        return command.name
    scaffold.shared.add_import(SENT, "from typing import ClassVar")
    scaffold.shared.add_import(
        SENT, "from carafe.contracts.outgoing_commands import OutgoingCommand"
    )
    for attribute in command.attributes:
        scaffold.types.of_output(SENT, attribute)
    text = scaffold.render("contracts/sent_command", each=command)
    scaffold.shared.add_definition(SENT, text, before="SENT")
    return command.contract


def _add_repository(scaffold: Scaffold, process: DetailedProcess) -> None:
    scaffold.kept(process)
    tests = scaffold.render("tests/process_repository", process=process)
    scaffold.tree.add(f"tests/infrastructure/test_{process.snake}_repository.py", tests)


def _add_api(scaffold: Scaffold, process: DetailedProcess) -> None:
    """Add the handlers of the events and deadlines, their wiring, and tests."""
    folder = f"chalicelib/api/{process.collection}"
    package = scaffold.render("api/process_package", process=process)
    scaffold.tree.add(f"{folder}/__init__.py", package)
    for module in ("events", "timers"):
        text = scaffold.render(f"api/process_{module}", process=process)
        scaffold.tree.add(f"{folder}/{module}.py", text)
        scaffold.shared.add_handlers(process, module, clock=True)
    tests = scaffold.render("tests/process_events", process=process)
    scaffold.tree.add(f"tests/api/test_{process.snake}_events.py", tests)
