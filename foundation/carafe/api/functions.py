"""What the Lambda functions of a service do; app.py gives each its trigger.

All functions import this module with app.py, so that each imports what it alone needs on first use.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chalice.app import AuthRequest, Chalice, ChaliceAuthorizer, CloudWatchEvent, SQSEvent
from msgspec.structs import asdict

from carafe.contracts.validation import MalformedMessage
from carafe.infrastructure import logs
from carafe.infrastructure.service import Service

from . import authorizer, gateway, open_routes
from .endpoints import Operation
from .handlers import CurrentMediator, MakeHandlers, with_current_login
from .problems import Problems
from .views import Views

if TYPE_CHECKING:
    from carafe.infrastructure.cqrs.inbox import Inbox
    from carafe.infrastructure.cqrs.queued_commands import QueuedCommands, QueuedMessage
    from carafe.infrastructure.outbox.relay import Relayed

log = logging.getLogger(__name__)

# Left for the answer when the work has stopped.
MARGIN_SECONDS = 1.0

BatchAnswer = dict[str, list[dict[str, str]]]


class Functions:
    """The functions of a service.

    Args:
        service: whose functions they are.
        operations: the routes of its API.
        make_handlers: returns its handlers, on the wired service; called with the first message,
            by those functions that handle some.
    """

    def __init__(
        self, service: Service[Any], operations: Sequence[Operation], make_handlers: MakeHandlers
    ) -> None:
        self.service = service
        self.operations = tuple(operations)
        self.make_handlers = make_handlers
        self.mediator = CurrentMediator(service, make_handlers)

    def add_routes(self, app: Chalice, authorize: ChaliceAuthorizer) -> None:
        """Serve the operations, and the routes about the service itself.

        Args:
            app: what serves them.
            authorize: asked before each operation.
        """
        gateway.stand_in()
        open_routes.register(app, self.service, self.operations)
        views = Views(self.mediator, Problems(self.service.problems))
        views.register(app, authorize, self.operations)

    def authorize(self, request: AuthRequest) -> authorizer.Policy:
        """Say who asks, by the access token of a request, as `authorizer.authorize`."""
        return authorizer.authorize(request, self.service.container())

    def relay_nudged(self, event: SQSEvent) -> BatchAnswer:
        """Relay the events of the nudged documents.

        Returns:
            The messages to be delivered again, as SQS's partial batch response; a malformed one
            is among them each time, until its queue's redrive policy sets it aside.
        """
        from carafe.infrastructure.outbox.nudges import Nudge, read_nudge

        failed: list[str] = []
        nudged: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for record in event:
            message_id = record.to_dict()["messageId"]
            try:
                nudge: Nudge = read_nudge(record.body)
            except MalformedMessage:
                log.error("malformed nudge", extra={"message_id": message_id})  # noqa: TRY400 - expected, no body
                failed.append(message_id)
            else:
                nudged[nudge.collection][nudge.id].append(message_id)
        documents = {collection: list(messages) for collection, messages in nudged.items()}
        relayed = with_current_login(
            self.service,
            lambda container: container.relay.relay(documents, _deadline(event.context)),
        )
        for collection, identifier in relayed.unfinished:
            failed += nudged[collection][identifier]
        self._report_relayed(relayed)
        return _batch_answer(failed)

    def sweep_overdue(self, event: CloudWatchEvent) -> dict[str, int]:
        """Relay what no nudge brought, and report how long the oldest event has waited.

        Returns:
            How many events were relayed, and how many documents still have some.
        """
        service = self.service
        age = with_current_login(
            service, lambda container: container.relay.oldest_pending_seconds()
        )
        grace = service.container().settings.sweep_grace_seconds
        relayed = with_current_login(
            service, lambda container: container.relay.sweep(grace, _deadline(event.context))
        )
        self._report_relayed(relayed, pending_age_seconds=age)
        return {"relayed": relayed.events, "unfinished": len(relayed.unfinished)}

    def execute_queued(self, event: SQSEvent) -> BatchAnswer:
        """Execute commands from the queue.

        Returns:
            The messages to be delivered again, as SQS's partial batch response.
        """
        messages = [_queued_message(record.to_dict()) for record in event]
        failed = self.queued_commands().settle(messages, _deadline(event.context))
        done = len(messages) - len(failed)
        self._report("commands executed", executed=done, held_back=len(failed))
        return _batch_answer(failed)

    def consume_events(self, event: Mapping[str, Any], context: Any) -> dict[str, int]:  # noqa: ANN401 - Lambda's
        """Handle events of other services, from the inbox.

        Amazon MQ has no partial answers: when this raises, the whole batch is delivered again.

        Returns:
            What became of the messages.

        Raises:
            StoreUnavailable, BusUnavailable: nothing can be settled now.
        """
        from .amazon_mq import deliveries_of

        settled = self.inbox().settle(list(deliveries_of(event)), _deadline(context))
        counts = asdict(settled)
        self._report("events consumed", **counts)
        return dict(counts)

    def inbox(self) -> "Inbox":
        """Return the service's inbox."""
        from carafe.infrastructure.cqrs.inbox import Inbox

        container = self.service.container()
        return Inbox(
            container.settings.service_name,
            self.mediator.react,
            container.bus,
            self.service.subscribed,
            self.service.upcasters,
        )

    def queued_commands(self) -> "QueuedCommands":
        """Return what executes queued commands."""
        from carafe.infrastructure.cqrs.queued_commands import QueuedCommands, SqsCommandQueue

        return QueuedCommands(self.mediator, SqsCommandQueue(self.service.container().sqs))

    def _report_relayed(self, relayed: "Relayed", **more: float) -> None:
        self._report(
            "events relayed",
            relayed=relayed.events,
            returned=relayed.returned,
            parked=relayed.parked,
            unfinished=len(relayed.unfinished),
            **more,
        )

    def _report(self, message: str, **values: float) -> None:
        name = self.service.container().settings.service_name
        log.info(message, extra=logs.metrics(name, **values))


def _queued_message(record: Mapping[str, Any]) -> "QueuedMessage":
    from carafe.infrastructure.cqrs.queued_commands import FAILURES, QueuedMessage

    failures = record.get("messageAttributes", {}).get(FAILURES, {}).get("stringValue", "")
    return QueuedMessage(
        id=record["messageId"],
        receipt=record["receiptHandle"],
        queue=record["eventSourceARN"].rpartition(":")[2],
        body=record["body"],
        failures=int(failures) if failures.isdecimal() else 0,
    )


def _batch_answer(failed: list[str]) -> BatchAnswer:
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _deadline(context: Any) -> float:  # noqa: ANN401 - Lambda's, which has no type
    """Return when the work must end, on the clock of `time.monotonic`."""
    left: float = context.get_remaining_time_in_millis() / 1000
    return time.monotonic() + left - MARGIN_SECONDS
