"""`carafe bus watch` and `carafe bus publish`: what passes over the bus, seen and tried."""

import json
import time
from collections.abc import Iterator

import click

from carafe.development.parked.message import printable
from carafe.development.project import container, project
from carafe.infrastructure.identifiers import now

from .broker import broker_service
from .publishing import contract_of, data_of, publish_as_other, require_local
from .topology import topology_on_broker
from .watching import PassingMessage, watched


@click.command()
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@click.option("--count", type=click.IntRange(1), help="End after so many messages.")
@click.option(
    "--seconds", type=click.FloatRange(0, min_open=True), help="End after so many seconds."
)
@click.option("--json", "as_json", is_flag=True, help="Print whole envelopes, one on a line.")
@click.pass_context
def watch(
    context: click.Context,
    patterns: tuple[str, ...],
    count: int | None,
    seconds: float | None,
    *,
    as_json: bool,
) -> None:
    """Show messages as they pass: the service's own, and those that come to its inbox.

    A pattern is a routing key or a type: `*` stands for one word, `#` for any number; by default
    everything is shown. Only messages from now on are seen, and nothing is taken from anybody.

    With --count, the exit code is 1 if fewer came within --seconds. Ctrl-C ends it.

    \b
    Examples:
        carafe bus watch
        carafe bus watch 'lending.loan.*' --count 1 --seconds 30
        carafe bus watch --json | jq .data
    """
    topology = topology_on_broker(broker_service())
    with watched(container().settings.rabbitmq_url, topology, patterns or ("#",)) as messages:
        click.echo("Watching; Ctrl-C ends this.", err=True)
        shown = 0
        for message in _until(messages, seconds):
            click.echo(json.dumps(message.envelope) if as_json else _line_of(message))
            shown += 1
            if shown == count:
                return
    if count is not None:
        click.echo(f"{shown} of {count} messages came in time.", err=True)
        context.exit(1)


def _until(
    messages: Iterator[PassingMessage | None], seconds: float | None
) -> Iterator[PassingMessage]:
    """Yield messages until the time is over, or Ctrl-C ends it."""
    end = time.monotonic() + seconds if seconds is not None else None
    try:
        for message in messages:
            if message is not None:
                yield message
            if end is not None and time.monotonic() > end:
                return
    except KeyboardInterrupt:
        return


def _line_of(message: PassingMessage) -> str:
    envelope = message.envelope
    parts = [
        f"{now():%H:%M:%S}",
        str(envelope.get("type", message.routing_key)),
        str(envelope.get("subject", "")),
        f"#{envelope['sequence']}" if "sequence" in envelope else "",
        json.dumps(envelope.get("data"), ensure_ascii=False) if envelope else "no CloudEvent",
    ]
    return printable("  ".join(each for each in parts if each))


@click.command()
@click.argument("wire_type", metavar="TYPE")
@click.option("--data", "text", default="{}", help="What it says, as a JSON object.")
@click.option("--id", "identifier", help="Its id; the same again takes no effect again.")
@click.option("--subject", help="What it is about.")
def publish(wire_type: str, text: str, identifier: str | None, subject: str | None) -> None:
    """Publish an event, or a command, as another service would: to try what follows here.

    Only on this machine's broker, and only what this service receives.

    \b
    Example:
        carafe bus publish post.letter.sent.v1 --data '{"loan_id": "0199…"}'
    """
    service = broker_service()
    url = container().settings.rabbitmq_url
    require_local(url)
    contract = contract_of(wire_type, project().service.subscribed, project().service.name)
    message_id = publish_as_other(
        url, contract, data_of(contract, text), identifier=identifier, subject=subject
    )
    click.echo(f"{wire_type} {message_id} is on its way to the inbox of {service}.")
