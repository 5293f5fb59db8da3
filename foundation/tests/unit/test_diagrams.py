"""Diagrams show the code, and always in the same way."""

import os
import re
import subprocess
import sys
from dataclasses import field, replace
from datetime import datetime
from enum import Enum
from pathlib import Path

import pytest

from carafe.development.diagrams import cqrs
from carafe.development.diagrams.command import all_documents
from carafe.development.diagrams.effects import deleting_behaviours, effects_of
from carafe.development.diagrams.event_bus import sections
from carafe.development.diagrams.external import Client, clients
from carafe.development.diagrams.layout import fold, pages
from carafe.development.diagrams.lifecycle import life_cycle
from carafe.development.diagrams.model import aggregates, attributes_of, events
from carafe.development.diagrams.source import behaviours
from carafe.development.diagrams.wiring import handler_name, service
from carafe.domain.address import Address
from carafe.domain.model import AggregateRoot, schema
from carafe.domain.money import Money
from carafe.infrastructure.event_bus.topology import Binding, Exchange, Queue, Topology
from chalicelib.contracts.integration_events import PUBLISHED
from chalicelib.domain.fulfilment import Fulfilment
from chalicelib.domain.order import Order
from chalicelib.domain.order_events import OrderDelivered
from chalicelib.domain.product import Product, ProductDiscontinued

ROOT = Path(__file__).parents[3]


class Mood(Enum):
    """How a cat feels."""

    CALM = "calm"
    CROSS = "cross"


@schema(collection="cats")
class Cat(AggregateRoot):
    """Its events are others', since a service refuses events without a contract."""

    mood: Mood
    meals: list[datetime] = field(default_factory=list)
    naps: int = 0

    @classmethod
    def wake(cls, cat_id: str, at: datetime) -> "Cat":
        cat = cls(id=cat_id, mood=Mood.CROSS)
        woken = OrderDelivered(order_id=cat_id, occurred_at=at)
        cat.record(woken)
        return cat

    def feed(self, at: datetime) -> None:
        self.meals.append(at)
        self._calm_down(at)

    def nap(self) -> None:
        before, self.naps = self.naps, self.naps + 1
        del before

    def purrs(self) -> bool:
        return self.mood is Mood.CALM

    def _calm_down(self, at: datetime) -> None:
        self.mood = Mood.CALM
        self.record(ProductDiscontinued(product_id=self.id, sku="CAT", occurred_at=at))


def test_behaviours_are_read_from_the_source() -> None:
    methods = {
        each.name: (each.creates, set(each.changes), each.events) for each in behaviours(Cat)
    }
    assert methods == {
        "wake": (True, {"mood: CROSS"}, (OrderDelivered,)),
        "feed": (False, {"meals", "mood: CALM"}, (ProductDiscontinued,)),
        "nap": (False, {"naps"}, ()),
    }


def test_attributes_have_short_types() -> None:
    types = {each.name: (each.type_name, each.many) for each in attributes_of(Order, AggregateRoot)}
    assert types["lines"] == ("OrderLine[]", "*")
    assert types["shipment"] == ("Shipment?", "0..1")
    assert types["status"] == ("OrderStatus", "")


def test_only_the_domains_own_classes_are_drawn() -> None:
    assert [each.__name__ for each in aggregates()] == ["Fulfilment", "Order", "Product"]
    assert set(events()) == set(PUBLISHED)


def test_values_of_the_foundation_are_drawn_where_a_class_has_them() -> None:
    targets = {each.name: each.targets for each in attributes_of(Order, AggregateRoot)}
    assert targets["shipping_address"] == (Address,)
    text = next(each.text for each in all_documents() if each.name == "domain.md")
    for value in (Address, Money):
        assert f"class {value.__name__}:::store {{" in text
        assert re.search(rf" \*-- .*{value.__name__} : ", text)


def test_the_effects_of_a_handler_are_read_from_its_source() -> None:
    handlers = {each.__name__: effects_of(handler) for each, handler in service().handlers.items()}
    pay = handlers["PayOrder"]
    assert {each.name for each in pay.behaviours} == {
        "begin_payment",
        "complete_payment",
        "end_payment",
    }
    assert pay.calls == ("PaymentGateway.charge", "PaymentGateway.void")
    assert [each.__name__ for each in handlers["GetProduct"].aggregates] == ["Product"]
    changing = [name for name, effects in handlers.items() if effects.behaviours]
    assert set(changing) == {
        each.__name__ for each in service().handlers if hasattr(each, "wire_name")
    }


def test_the_effects_of_helpers_are_those_of_the_handler() -> None:
    """Of its own, and of those of the foundation that lead processes."""
    handlers = [each for several in service().reactions.values() for each in several]
    handlers += service().timers.values()
    led = {
        each.name
        for handler in handlers
        for each in effects_of(handler).behaviours
        if each.aggregate is Fulfilment
    }
    own = {"of", "order_shipped", "order_delivered", "order_cancelled"}
    assert led == own | {"confirm_undo", "refuse", "pass_deadline"}


def test_what_a_process_sends_is_drawn_behind_the_message_that_makes_it() -> None:
    drawn = next(each.text for each in all_documents() if each.name == "cqrs.md")
    ids = {
        name: node for node, name in re.findall(r'(n\d+)[\[(]+"([^"]+)"', _section(drawn, "Timers"))
    }
    behaviour = ids["Fulfilment<br>pass_deadline"]
    assert f"{behaviour} --> {ids['GiveUpOrder<br>ordering.give_up_order']}\n" in drawn


def test_a_step_is_known_by_its_name_when_it_is_begun_with_another_time() -> None:
    changes = {each.name: each.changes for each in behaviours(Fulfilment)}
    assert changes["of"] == ("begins dispatch",)


def test_every_follower_of_an_event_is_drawn() -> None:
    wired = service()
    event = next(each for each in wired.reactions if each.publisher() != wired.name)
    _, *others = (each for several in wired.reactions.values() for each in several)
    followers = (*wired.reactions[event], others[-1])
    changed = replace(wired, reactions={**wired.reactions, event: followers})
    text = cqrs.document(changed).text
    names = {handler_name(each).replace(".", "<br>") for each in followers}
    section = _section(text, "Events of other services")
    source = re.search(rf'(n\d+)\["[^"]*{event.__name__}"\]', section)
    assert source is not None
    ids = dict(re.findall(r'(n\d+)\["([^"]+)"\]:::function', section))
    reached = re.findall(rf"{source[1]} --> (n\d+)", section)
    assert {ids[each] for each in reached} == names


def test_a_life_cycle_shows_what_leads_from_status_to_status() -> None:
    cycle = life_cycle(Order)
    assert cycle is not None
    drawn = cycle.diagram()
    assert 'state "PLACED" as s1' in drawn
    assert "[*] --> s1 : place" in drawn
    assert re.search("s1 --> s2 : .*\\bpay$", drawn, re.MULTILINE)
    assert "s2 --> s5 : cancel" in drawn
    assert "s3 --> s5" not in drawn
    assert cycle.table()[1] == ("change_shipping_address", "PLACED or PAID")
    assert life_cycle(Cat) is None


def test_what_a_handler_deletes_is_known() -> None:
    assert deleting_behaviours(Product, service()) == {"discontinue"}
    assert deleting_behaviours(Order, service()) == set()


def test_clients_are_named_with_the_setting_of_their_address() -> None:
    assert clients() == [
        Client("PaymentGateway", "HttpPaymentGateway", "payment service", "PAYMENTS_URL")
    ]


def test_every_event_and_message_is_on_every_page_that_is_about_it() -> None:
    texts = {each.name: each.text for each in all_documents()}
    for event, contract in PUBLISHED.items():
        assert event.__name__ in texts["events.md"]
        assert event.__name__ in texts["behaviors.md"]
        assert contract.wire_type in texts["contracts.md"]
    routed = {each.message for each in service().operations}
    for message in service().handlers:
        for name in ("contracts.md", "cqrs.md", *(["api.md"] if message in routed else [])):
            assert message.__name__ in texts[name], name


def test_timers_are_shown_where_they_are_set_and_where_they_call() -> None:
    texts = {each.name: each.text for each in all_documents()}
    assert re.search(r"class Order:.*{[^}]*\n +timer PaymentDue\n", texts["domain.md"])
    assert re.search(r"s1 --> s5 : .*cancel_unpaid \(PaymentDue\)", texts["behaviors.md"])
    assert 'n1(["PaymentDue"]):::timer' in texts["cqrs.md"]
    functions = _section(texts["infrastructure.md"], "Functions")
    ids = {name: node for node, name in re.findall(r'(n\d+)[\[(]+"([^"]+)"', functions)}
    queue = ids["SQS queue<br>ordering-commands"]
    for sender in ("repositories<br>after each commit", "sweep"):
        assert f'{ids[sender]} -->|"timers"| {queue}\n' in functions
    assert f"{queue} --> {ids['execute']}\n" in functions


def test_each_arrow_is_drawn_once() -> None:
    for document in all_documents():
        for section in document.sections:
            arrows = [line for line in section.diagram.splitlines() if "-->" in line]
            assert len(arrows) == len(set(arrows)), section.title


def _section(text: str, title: str) -> str:
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_the_inbound_diagram_is_drawn_from_the_topology() -> None:
    waiting = {"x-message-ttl": 7_000, "x-dead-letter-routing-key": "shop.inbox"}
    topology = Topology(
        exchanges=(
            Exchange("shop.events", "topic"),
            Exchange("stock.events", "topic", owned=False),
        ),
        queues=(
            Queue("shop.inbox", {"x-dead-letter-routing-key": "shop.attic"}),
            Queue("shop.later", waiting),
            Queue("shop.attic", {"x-queue-type": "quorum"}),
        ),
        bindings=(Binding("stock.events", "shop.inbox", "stock.item.#"),),
    )
    _, inbound = sections(topology, "shop", ["take"])
    lines = [line.strip() for line in inbound.diagram.splitlines()]
    assert 'n1["another\'s exchange<br>stock.events"]:::external' in lines
    assert 'n1 -->|"stock.item.#35;"| n2' in lines
    assert 'n3(["take"]):::function' in lines
    assert 'n4[["classic queue<br>shop.later<br>back after 7 s"]]:::store' in lines
    assert 'n3 -->|"held back"| n4' in lines
    assert 'n5[["quorum queue<br>shop.attic"]]:::store' in lines
    assert 'n3 -->|"parked"| n5' in lines


@pytest.mark.parametrize(
    ("heights", "sizes"),
    [
        ([], []),
        ([100], [1]),
        ([100] * 9, [9]),
        ([100] * 10, [5, 5]),
        ([2_000, 10], [1, 1]),
        ([800, 100, 100, 100], [1, 3]),
    ],
)
def test_what_is_too_high_is_split_evenly(heights: list[int], sizes: list[int]) -> None:
    items = list(enumerate(heights))
    parts = pages(items, lambda each: each[1])
    assert [len(each) for each in parts] == sizes
    assert [item for each in parts for item in each] == items


@pytest.mark.parametrize(
    ("text", "longest", "lines"),
    [
        ("short", 16, ["short"]),
        (
            "ordering.order.shipping_address_changed",
            20,
            ["ordering.order.", "shipping_address_", "changed"],
        ),
        ("ShippingAddressChanged", 16, ["ShippingAddress", "Changed"]),
        ("PUT /orders/{id}/payment\nPayOrder", 18, ["PUT /orders/{id}/", "payment", "PayOrder"]),
        ("oneverylongword", 4, ["oneverylongword"]),
    ],
)
def test_long_names_are_folded_between_words(text: str, longest: int, lines: list[str]) -> None:
    assert fold(text, longest).split("\n") == lines


def test_the_same_code_gives_the_same_text_in_every_process() -> None:
    program = (
        "from carafe.development.diagrams.command import all_documents\n"
        "print(''.join(each.text for each in all_documents()))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "SERVICE_NAME": f"other-{seed}"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1
