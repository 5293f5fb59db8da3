"""What a service costs a month, line by line.

Lambda bills the time from a function's start to its end, and a function mostly waits: for MongoDB
and the broker, which are in other zones and replicate to further ones before they answer, and for
SQS. So the milliseconds measured on one machine are only the part that computes; the rest is round
trips. The numbers of round trips are those of a command that creates an aggregate, until its event
is on the bus.
"""

from collections.abc import Iterator

from msgspec import Struct

from carafe.development.platform.network import ENDPOINTS

from .prices import PriceList

HOURS = 730.0  # in a month
MILLION = 1e6
GB = 1e9

FULL_CORE_MB = 1_769
"""With so much memory a function has one processor, with less a part of it.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""

SQS_CALL_MS = 8.0
"""A request to SQS over a connection that is open."""

COLD_SHARE = 0.01
INIT_MS = 400.0
"""Of a cold start's computing, which is billed since August 2025."""

LOG_BYTES = 4_000
NAT_BYTES = 12_000
ZONE_BYTES = 12_000
"""For each command: written to logs; through NAT to AWS's services; between zones."""

QUEUES = 2
IDLE_POLLERS = 5
IDLE_POLLS_PER_HOUR = 180
"""Lambda polls each queue with five pollers, each waiting 20 s, whether there are messages or not.
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html"""

SQS_REQUESTS = 3
"""For each nudge: sent, received, deleted."""

ALARMS, METRICS, SECRETS = 32, 20, 2


class Work(Struct, frozen=True):
    """What a function does for one command.

    Attributes:
        name: the function.
        computing_ms: measured with all servers on the same machine.
        reads: of MongoDB.
        writes: to MongoDB, each confirmed by a majority of its nodes.
        publishes: to the broker, each confirmed by a majority of the queue's nodes.
        sqs_calls: that it makes itself.
    """

    name: str
    computing_ms: float
    reads: int = 0
    writes: int = 0
    publishes: int = 0
    sqs_calls: int = 0

    @property
    def round_trips(self) -> int:
        """Between zones: to the server, and before a confirmation from there to another."""
        return self.reads + 2 * (self.writes + self.publishes)


WORK = (
    Work("authorize", 1.6),
    Work("api", 6.1, writes=1, sqs_calls=1),
    Work("bridge", 14.1, reads=1, writes=1, publishes=1),
)
SWEEP = Work("sweep", 20.0, reads=8)


class Size(Struct, frozen=True):
    """How large a stage is.

    Attributes:
        memory_mb: of the functions.
        broker: the price of a node.
        nodes: of the broker.
        zones: each with a NAT gateway and its address.
        mongodb: the price of the cluster.
        log_months: how long logs are kept.
        broker_gb: of storage, for each node.
    """

    memory_mb: int
    broker: str
    nodes: int
    zones: int
    mongodb: str
    log_months: float
    broker_gb: float = 20.0


SIZES = {
    "dev": Size(512, "broker_medium_hour", 1, 1, "mongodb_m10_hour", 0.25),
    "small-prod": Size(1_024, "broker_large_hour", 1, 3, "mongodb_m10_hour", 3),
    "prod": Size(1_024, "broker_large_hour", 3, 3, "mongodb_m30_hour", 3),
}
"""As the platform's and the stages' templates have them."""


class Line(Struct, frozen=True):
    """A line of the bill.

    Attributes:
        what: is paid for.
        how_much: of it, in words.
        dollars: a month.
        is_fixed: whether it is paid without any traffic.
    """

    what: str
    how_much: str
    dollars: float
    is_fixed: bool = False


class Assumptions(Struct, frozen=True):
    """What people know better than a model.

    Attributes:
        commands: a month.
        size: of the stage.
        round_trip_ms: between zones.
        architecture: of the processors.
        has_endpoints: whether AWS's services are reached by endpoints, and not through NAT.
    """

    commands: float
    size: Size
    round_trip_ms: float = 1.0
    architecture: str = "arm64"
    has_endpoints: bool = False


def billed_ms(work: Work, assumptions: Assumptions) -> float:
    """Return the milliseconds that Lambda bills for a warm invocation."""
    slowness = max(1.0, FULL_CORE_MB / assumptions.size.memory_mb)
    waiting = work.round_trips * assumptions.round_trip_ms + work.sqs_calls * SQS_CALL_MS
    return work.computing_ms * slowness + waiting


def bill(assumptions: Assumptions, prices: PriceList) -> list[Line]:
    """Return the lines of a month's bill."""
    return [*_traffic(assumptions, prices), *_fixed(assumptions, prices)]


def _traffic(given: Assumptions, prices: PriceList) -> Iterator[Line]:
    millions = given.commands / MILLION
    yield Line("API Gateway", "a request", millions * prices["api_request_million"])
    requests = len(WORK) * prices["lambda_request_million"]
    yield Line("Lambda, requests", f"{len(WORK)} for each", millions * requests)
    for work in WORK:
        milliseconds = billed_ms(work, given)
        dollars = given.commands * _compute(milliseconds, given, prices)
        yield Line(f"Lambda, {work.name}", f"{milliseconds:.1f} ms", dollars)
    cold = len(WORK) * COLD_SHARE * _compute(_init_ms(given), given, prices)
    share = f"{COLD_SHARE:.0%} of invocations, {_init_ms(given):.0f} ms"
    yield Line("Lambda, INIT", share, given.commands * cold)
    sqs = millions * SQS_REQUESTS * prices["sqs_request_million"]
    yield Line("SQS", f"{SQS_REQUESTS} requests", sqs)
    logged = given.commands * LOG_BYTES / GB
    months = given.size.log_months
    kept = logged * months * prices["log_gb_month"]
    yield Line("logs", f"{LOG_BYTES / 1000:g} kB", logged * prices["log_gb"])
    yield Line("logs, storage", f"kept {months:g} months", kept)
    way = "endpoint" if given.has_endpoints else "nat"
    through = given.commands * NAT_BYTES / GB * prices[f"{way}_gb"]
    what = "endpoints, bytes" if given.has_endpoints else "NAT, bytes"
    yield Line(what, f"{NAT_BYTES / 1000:g} kB", through)
    between = given.commands * ZONE_BYTES / GB * prices["zone_gb"]
    yield Line("between zones", f"{ZONE_BYTES / 1000:g} kB", between)


def _fixed(given: Assumptions, prices: PriceList) -> Iterator[Line]:
    size = given.size
    lines = {
        "broker, shared by all services": (
            f"{size.nodes} x {_what(size.broker)}",
            size.nodes * HOURS * prices[size.broker],
        ),
        "broker, storage": (
            f"{size.nodes} x {size.broker_gb:g} GB",
            size.nodes * size.broker_gb * prices["broker_gb_month"],
        ),
        "MongoDB": (_what(size.mongodb), HOURS * prices[size.mongodb]),
        "NAT gateways": (f"{size.zones}", size.zones * HOURS * prices["nat_hour"]),
        "public IPv4 addresses": (f"{size.zones}", size.zones * HOURS * prices["ipv4_hour"]),
        "SQS, idle polling": (f"{QUEUES} queues", _idle_polling(prices)),
        "RabbitMQ, idle polling": ("the mapping", 0.0),
        "sweep": ("each minute", _sweep(given, prices)),
        "alarms, metrics, dashboard": (f"{ALARMS}, {METRICS}, 1", _watching(prices)),
        "secrets": (f"{SECRETS}", SECRETS * prices["secret_month"]),
    }
    if given.has_endpoints:
        number = len(ENDPOINTS) * size.zones
        hours = number * HOURS
        lines["endpoints"] = (f"{number}", hours * prices["endpoint_hour"])
    for what, (how_much, dollars) in lines.items():
        yield Line(what, how_much, dollars, is_fixed=True)


def _compute(milliseconds: float, given: Assumptions, prices: PriceList) -> float:
    gb_seconds = milliseconds / 1000 * given.size.memory_mb / 1024
    return gb_seconds * prices[f"lambda_gb_second_{given.architecture}"]


def _init_ms(given: Assumptions) -> float:
    return INIT_MS * max(1.0, FULL_CORE_MB / given.size.memory_mb)


def _idle_polling(prices: PriceList) -> float:
    polls = QUEUES * IDLE_POLLERS * IDLE_POLLS_PER_HOUR * HOURS
    return polls / MILLION * prices["sqs_request_million"]


def _sweep(given: Assumptions, prices: PriceList) -> float:
    runs = 60 * HOURS
    computing = _compute(billed_ms(SWEEP, given), given, prices)
    return runs * (computing + prices["lambda_request_million"] / MILLION)


def _watching(prices: PriceList) -> float:
    together = ALARMS * prices["alarm_month"] + METRICS * prices["metric_month"]
    return together + prices["dashboard_month"]


def _what(price: str) -> str:
    return price.removesuffix("_hour").replace("_", " ")
