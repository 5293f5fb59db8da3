"""What the Lambda functions of a service do; app.py gives each its trigger.

All functions import this module with app.py, so that each imports what it alone needs: at init in
AWS Lambda, on first use elsewhere.
"""

import functools
import logging
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chalice.app import AuthRequest, Chalice, ChaliceAuthorizer, CloudWatchEvent, SQSEvent
from msgspec.structs import asdict

from carafe.contracts.validation import MalformedMessage
from carafe.infrastructure import initialization, logs
from carafe.infrastructure.container import Container
from carafe.infrastructure.references import Reference, resolve
from carafe.infrastructure.service import Service
from carafe.infrastructure.settings import in_lambda

from . import authorizer, sweeping
from .endpoints import Operation
from .handlers import Handlers, MakeHandlers, mediator
from .lambda_events import (
    BatchAnswer,
    batch_answer,
    bodies_of,
    deadline_of,
    deliveries_of,
    queued_messages_of,
)

if TYPE_CHECKING:
    from carafe.infrastructure.cqrs.inbox import Inbox
    from carafe.infrastructure.cqrs.queued_commands import QueuedCommands
    from carafe.infrastructure.timers.nudges import TimerNudge

__all__ = ["BatchAnswer", "Functions"]

log = logging.getLogger(__name__)

_COMMANDS = "carafe.development.remote.function:run_command"
"""A reference and no import: the operators' commands are packaged for this function alone."""


class Functions:
    """The functions of a service.

    Args:
        service: whose functions they are.
        operations: the routes of its API, or their name, so that other functions load none.
        make_handlers: returns its handlers, on the wired service; called with the first message,
            by those functions that handle one. Or its name.
    """

    def __init__(
        self,
        service: Service[Any],
        operations: Sequence[Operation] | Reference,
        make_handlers: MakeHandlers | Reference,
    ) -> None:
        self.service = service
        self._operations = operations
        self._make_handlers = make_handlers
        self.mediator = mediator(service, self._handlers)
        self._function = initialization.function_in_lambda(os.environ)
        if self._function is not None:
            initialization.prepare(self._function, service)

    @functools.cached_property
    def operations(self) -> tuple[Operation, ...]:
        """The routes of the API."""
        return tuple(_resolved(self._operations))

    @functools.cached_property
    def make_handlers(self) -> MakeHandlers:
        """Returns the service's handlers, on the wired service."""
        make_handlers: MakeHandlers = _resolved(self._make_handlers)
        return make_handlers

    def add_routes(self, app: Chalice, authorize: ChaliceAuthorizer) -> None:
        """Serve the operations, and the routes about the service itself.

        In AWS Lambda, a function that something else triggers serves none.

        Args:
            app: serves them.
            authorize: asked before each operation.
        """
        if initialization.has_trigger(self._function):
            return
        from . import cors, open_routes, operator_routes
        from .problems import Problems
        from .views import Views

        if not in_lambda(os.environ):
            from . import local_gateway  # it needs what is not deployed

            local_gateway.install()
            local_gateway.PREPARATIONS[app] = functools.partial(
                initialization.prepare_all, self.service
            )
        cors.install(app, lambda: str(self.service.container().settings.allowed_origins))
        problems = Problems(self.service.problems)
        open_routes.register(app, self.service, self.operations, problems)
        operator_routes.register(app, authorize, self.service, problems)
        Views(self.mediator, problems).register(app, authorize, self.operations)

    def authorize(self, request: AuthRequest) -> authorizer.Policy:
        """Identify the caller by a request's access token, as `authorizer.authorize`."""
        return authorizer.authorize(request, self.service.container())

    def relay_nudged(self, event: SQSEvent) -> BatchAnswer:
        """Relay the events of the nudged documents.

        Returns:
            The messages to be delivered again, as SQS's partial batch response; a malformed one
            is among them each time, until its queue's redrive policy sets it aside.
        """
        from carafe.infrastructure.outbox.nudges import read_nudge

        failed: list[str] = []
        nudged: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for message_id, body in bodies_of(event):
            try:
                nudge = read_nudge(body)
            except MalformedMessage:
                log.error("malformed nudge", extra={"message_id": message_id})  # noqa: TRY400 - expected, no body
                failed.append(message_id)
            else:
                nudged[nudge.collection][nudge.id].append(message_id)
        documents = {collection: list(messages) for collection, messages in nudged.items()}
        deadline = deadline_of(event.context)
        relayed = self.service.run(lambda container: container.relay.relay(documents, deadline))
        for collection, identifier in relayed.unfinished:
            failed += nudged[collection][identifier]
        sweeping.report_relayed(self._report, relayed)
        return batch_answer(failed)

    def sweep_overdue(self, event: CloudWatchEvent) -> dict[str, int]:
        """Nudge the timers that are due, relay what no nudge brought, and report what waits.

        Returns:
            What was done, as `sweeping.sweep`.
        """
        return sweeping.sweep(self.service, deadline_of(event.context), self._report)

    def execute_queued(self, event: SQSEvent) -> BatchAnswer:
        """Execute commands from the queue.

        Returns:
            The messages to be delivered again, as SQS's partial batch response.
        """
        messages = list(queued_messages_of(event))
        failed = self.queued_commands().settle(messages, deadline_of(event.context))
        executed = len(messages) - len(failed)
        self._report("commands executed", executed=executed, held_back=len(failed))
        return batch_answer(failed)

    def consume_events(self, event: Mapping[str, Any], context: Any) -> dict[str, int]:  # noqa: ANN401 - Lambda's
        """Handle events and commands from the inbox.

        Amazon MQ has no partial answers: when this raises, the whole batch is delivered again.

        Returns:
            What became of the messages.

        Raises:
            BusUnavailable: nothing can be settled now.
        """
        settled = self.inbox().settle(list(deliveries_of(event)), deadline_of(context))
        counts = asdict(settled)
        self._report("events consumed", **counts)
        return dict(counts)

    def migrate(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Run an operator's command, such as `database apply`, and return what it printed.

        Returns:
            `output`, `errors` and `exit_code`.
        """
        run_command = resolve(_COMMANDS)
        return dict(run_command(event, self.service))

    def inbox(self) -> "Inbox":
        """Return the service's inbox."""
        from carafe.infrastructure.cqrs.inbox import Inbox

        container = self.service.container()
        return Inbox(
            container.settings.service_name,
            self.mediator.handle,
            container.bus,
            self.service.subscribed,
            self.service.upcasters,
            ignored=self.service.ignored,
        )

    def queued_commands(self) -> "QueuedCommands":
        """Return what executes queued commands."""
        from carafe.infrastructure.cqrs.queued_commands import QueuedCommands
        from carafe.infrastructure.cqrs.sqs_command_queue import SqsCommandQueue

        container = self.service.container()
        queue = SqsCommandQueue(container.sqs)
        name = container.settings.service_name
        return QueuedCommands(self.mediator, queue, self.call_timers, name)

    def call_timers(self, nudge: "TimerNudge", deadline: float) -> bool:
        """Call the timers that a nudge names, as `TimerCalls.settle`."""
        from carafe.infrastructure.cqrs.timer_calls import TimerCalls

        def call(container: Container[Any]) -> bool:
            calls = TimerCalls(
                container.settings.service_name,
                self.mediator,
                stores=container.timer_stores,
                kinds=self.service.timer_kinds,
                nudge=container.nudge,
                clock=container.clock,
            )
            try:
                return calls.settle(nudge, deadline)
            finally:
                if calls.called or calls.failed:  # most nudges of cancelled timers find nothing
                    counts = {"timers_called": calls.called, "timers_failed": calls.failed}
                    self._report("timers called", **counts)

        return self.service.run(call)

    def _handlers(self, container: Container[Any]) -> Handlers:
        return self.make_handlers(container)

    def _report(self, message: str, **values: float) -> None:
        settings = self.service.container().settings
        extra = logs.metrics(settings.service_name, settings.stage, **values)
        log.info(message, extra=extra)


def _resolved(named: Any) -> Any:  # noqa: ANN401 - any object
    return resolve(named) if isinstance(named, str) else named
