"""The rehearsal: an order from the request to the last event, and every way an environment ends.

Each step fails with a sentence; what a function answers is not enough, its effect is looked for.
"""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from chalicelib.contracts.commands import ShipOrder
from chalicelib.infrastructure.cqrs.buses.names import inbox
from chalicelib.infrastructure.identifiers import new_id
from workflow.event_sources import QueueTrigger
from workflow.inbox_pump import InboxPump
from workflow.pump import QueuePump, scheduled_event

from .environment import Environment, Function, TimedOut
from .errors import RehearsalFailed
from .events import OPERATOR, PRODUCT, order_request, request, token
from .other_services import OtherServices
from .scenery import Scenery
from .stopwatch import COLD, THAWED, WARM, Stopwatch

API, AUTHORIZE = "app", "authorize"
QUICK_TIMEOUT_SECONDS = 2.0
EVENT_SECONDS = 10.0


class Rehearsal:
    """Plays AWS around the packaged functions; `with` ends their processes.

    Args:
        functions: by their names in app.py.
        scenery: what stands around them.
        queues: which of them queues trigger.
        package: folder with the unpacked package.
        runtime: folder with what Lambda supplies.
        logs: folder for what the functions write.
        options: for the functions' Python.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is a part of the stage
        self,
        functions: Mapping[str, Function],
        scenery: Scenery,
        queues: list[QueueTrigger],
        package: Path,
        runtime: Path,
        logs: Path,
        options: Sequence[str] = (),
    ) -> None:
        self.stopwatch = Stopwatch()
        self.environments = {
            name: Environment(function, package, runtime, logs / f"{name}.log", options)
            for name, function in functions.items()
        }
        self._scenery = scenery
        self._queues = queues
        self._kinds = dict.fromkeys(functions, COLD)
        self._product = ""
        self._bus = OtherServices(scenery.service, scenery.broker_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for environment in self.environments.values():
            environment.end()
        self._bus.close()

    def play(self) -> str:
        """Play an order from its request to its events, and return its id."""
        self.refuse_a_token()
        order = self.place()
        self.bridge(order)
        self.consume(order)
        self.execute(order)
        self.sweep()
        return order

    def refuse_a_token(self) -> None:
        """Ask the authorizer about a token that is none."""
        answer = self._invoke(AUTHORIZE, token("not.a.token"))
        effects = {each["Effect"] for each in answer["policyDocument"]["Statement"]}
        _require(effects == {"Deny"}, f"{AUTHORIZE} does not refuse a token that is none")

    def place(self, key: str | None = None) -> str:
        """Place an order through the API, and return its id."""
        if not self._product:
            answer = self._call(request("POST", "/products", PRODUCT, asking=OPERATOR), 201)
            self._product = answer["id"]
        return str(self._call(order_request(self._product, key), 201)["id"])

    def bridge(self, order: str) -> None:
        """Let the nudges reach the bridge, and the order's event the bus."""
        self._pump("bridge")
        self._require_events(order, ["ordering.order.placed.v1"])

    def consume(self, order: str) -> None:
        """Let an event of another service reach the order."""
        self._bus.publish("payments.payment.captured.v1", order_id=order, payment_reference="p-1")
        InboxPump(
            self._scenery.broker_url,
            inbox(self._scenery.service.settings.service_name),
            lambda event, _context: self._invoke("consume", event),
            "consume",
        ).step()
        self._require_status(order, "paid")

    def execute(self, order: str) -> None:
        """Let a queued command reach the order."""
        command = {
            "id": new_id(),
            "command": ShipOrder.wire_name,
            "subject": "warehouse",
            "data": {"id": order, "carrier": "DHL", "tracking_code": "JD01"},
        }
        (trigger,) = (each for each in self._queues if each.function == "execute")
        url = self._scenery.queue_urls[trigger.queue]
        self._scenery.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(command))
        self._pump("execute")
        self._require_status(order, "shipped")

    def sweep(self) -> None:
        """Let the clock call the sweep."""
        answer = self._invoke("sweep", scheduled_event("sweep"))
        _require("relayed" in answer, "sweep does not tell what it relayed")

    def kill_on_timeout(self) -> None:
        """Let a request run out of time, kill its environment, and ask again: one order."""
        orders = self._scenery.service.database["orders"]
        before, old, key = orders.count_documents({}), self.environments[API].pid, new_id()
        self._scenery.fronts.hold(self._scenery.mongo_port)
        try:
            self.environments[API].invoke(order_request(self._product, key), QUICK_TIMEOUT_SECONDS)
        except TimedOut:
            pass
        else:
            raise RehearsalFailed("a request was answered although the database was silent")
        finally:
            self._scenery.fronts.release(self._scenery.mongo_port)
        self._kinds[API] = COLD
        order = self.place(key)
        _require(self.environments[API].pid != old, "the environment that took too long lives on")
        _require(
            orders.count_documents({}) == before + 1 and self.place(key) == order,
            "a request that was killed and repeated is not exactly one order",
        )

    def freeze_and_thaw(self, seconds: float) -> None:
        """Freeze every environment between two invocations."""
        for environment in self.environments.values():
            environment.freeze()
        time.sleep(seconds)
        for name, environment in self.environments.items():
            environment.thaw()
            self._kinds[name] = THAWED

    @property
    def processes(self) -> dict[str, int | None]:
        """The process of each function."""
        return {name: each.pid for name, each in self.environments.items()}

    def require_same(self, processes: dict[str, int | None]) -> None:
        """Require that no environment was replaced."""
        _require(self.processes == processes, "an environment did not outlive its freeze")

    def reconcile(self) -> int:
        """Relay what is left, and hold the bus against the database; return how many events."""
        deadline = time.monotonic() + EVENT_SECONDS
        orders = self._scenery.service.database["orders"]
        while (
            orders.count_documents({"pending_since": {"$exists": True}})
            and time.monotonic() < deadline
        ):
            self._pump("bridge")
        events = self._bus.received()
        for document in orders.find():
            sequences = [int(each["sequence"]) for each in events[document["_id"]]]
            _require(
                sequences == list(range(1, document["version"] + 1)),
                f"the events of an order are {sequences}, and its version {document['version']}",
            )
        return sum(map(len, events.values()))

    def _call(self, event: dict[str, Any], status: int) -> Any:  # noqa: ANN401 - JSON
        answer = self._invoke(API, event)
        what = f"{event['httpMethod']} {event['resource']} answered {answer['statusCode']}"
        _require(answer["statusCode"] == status, f"{what}: {answer['body']}")
        return json.loads(answer["body"])

    def _invoke(self, function: str, event: object) -> Any:  # noqa: ANN401 - JSON
        kind, self._kinds[function] = self._kinds[function], WARM
        with self.stopwatch.timing(function, kind):
            return self.environments[function].invoke(event)

    def _pump(self, function: str) -> None:
        """Feed a function from its queue until nothing is left there for now."""
        (trigger,) = (each for each in self._queues if each.function == function)
        url = self._scenery.queue_urls[trigger.queue]
        pump = QueuePump(
            self._scenery.sqs, url, trigger, lambda event, _context: self._invoke(function, event)
        )
        while pump.step(wait_seconds=0):
            pass

    def _require_status(self, order: str, status: str) -> None:
        found = self._call(request("GET", "/orders/{id}", id=order), 200)["status"]
        _require(found == status, f"the order is {found} and not {status}")

    def _require_events(self, order: str, types: list[str]) -> None:
        found = [each["type"] for each in self._bus.received()[order]]
        _require(found == types, f"the order's events on the bus are {found} and not {types}")


def _require(condition: bool, otherwise: str) -> None:  # noqa: FBT001 - a condition is what it takes
    if not condition:
        raise RehearsalFailed(otherwise)
