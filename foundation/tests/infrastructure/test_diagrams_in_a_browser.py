"""Every diagram, drawn by the real Mermaid in a real browser: right, and at most a screen."""

import itertools
import re
from enum import Enum
from pathlib import Path

import pytest

from carafe.development.diagrams.command import all_documents
from carafe.development.diagrams.layout import box_height, narrow, pages, rows, rows_height
from carafe.development.diagrams.lifecycle import LifeCycle, Step
from carafe.development.diagrams.mermaid import Box, Node, Relation, class_diagram
from carafe.development.diagrams.processes.exploration import explore
from carafe.development.diagrams.processes.machine import state_machines
from carafe.development.diagrams.processes.sequences import sequences
from tests.support.chromium import Chromium, find_chromium
from tests.support.long_process import NUMBERS, TRAVEL, Trip, trip_handlers
from tests.support.mermaid import Picture, mermaid_script, render

# A screen, in pixels. Wider pictures are scaled down, until nobody can read them.
WIDEST = 1280
HIGHEST = 1100

# Of the longest process, whose text is higher in some machines' fonts: lines of 19 pixels for 16.
HIGHEST_IN_ANY_FONT = 1150

# A4 with margins of a centimetre is 718 by 1047 pixels, and text can be read at 0.85 of its size.
WIDEST_ON_PAPER = 840
ON_PAPER = ("Life cycle", "processes.md")


def _too_large(
    pictures: dict[str, Picture], widest: int = WIDEST, highest: int = HIGHEST
) -> dict[str, tuple[int, int]]:
    return {
        name: (round(each.width), round(each.height))
        for name, each in pictures.items()
        if each.error or each.width > widest or each.height > highest
    }


@pytest.fixture(scope="module")
def browser() -> Chromium:
    return find_chromium()


@pytest.fixture(scope="module")
def script() -> Path:
    return mermaid_script()


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    return {
        f"{document.name}: {section.title}": section.diagram
        for document in all_documents()
        for section in document.sections
        if section.diagram
    }


@pytest.fixture(scope="module")
def pictures(browser: Chromium, script: Path, sources: dict[str, str]) -> dict[str, Picture]:
    return render(browser, script, sources)


def test_mermaid_draws_every_diagram(pictures: dict[str, Picture], sources: dict[str, str]) -> None:
    assert {name for name, picture in pictures.items() if picture.svg} == set(sources)
    assert {name: each.error for name, each in pictures.items() if each.error} == {}


def test_every_picture_fits_a_screen(pictures: dict[str, Picture]) -> None:
    assert _too_large(pictures) == {}


def test_life_cycles_and_processes_fit_a_page_of_paper(pictures: dict[str, Picture]) -> None:
    told = {name: each for name, each in pictures.items() if any(word in name for word in ON_PAPER)}
    assert len(told) > 3
    assert _too_large(told, WIDEST_ON_PAPER) == {}


def test_rows_with_long_names_fit_a_screen_too(browser: Chromium, script: Path) -> None:
    styles = ["message", "function", "behaviour", "event"]
    names = [f"reservation_of_the_lending_desk.{style}_extended_by_the_reader" for style in styles]
    paths = [
        [
            Node(f"{name}\nReservationExtended{number}", style)
            for name, style in zip(names, styles, strict=True)
        ]
        for number in range(20)
    ]
    sources = {
        str(number): rows(page)
        for number, page in enumerate(pages(paths, lambda each: rows_height([each])))
    }
    pictures = render(browser, script, sources)
    assert len(pictures) > 1
    assert _too_large(pictures) == {}


def test_classes_with_long_members_fit_a_screen_too(browser: Chromium, script: Path) -> None:
    members = tuple(f"extended_by_the_reader_at_the_desk_{n}(reader_id, days)" for n in range(4))
    columns = [
        [Box("Reservation", "aggregate root", members)],
        [Box(f"Value{number}", "value object", members) for number in range(4)],
        [Box("Term", "value object", members)],
    ]
    relations = [
        *(Relation("Reservation", "*--", "*", box.name, "extensions") for box in columns[1]),
        Relation("Value0", "*--", "", "Term", "extended_for"),
    ]
    assert sum(map(box_height, columns[1])) < HIGHEST
    source = class_diagram(narrow(columns, relations), relations, "LR")
    pictures = render(browser, script, {"classes": source})
    assert _too_large(pictures) == {}


def test_a_wrong_diagram_is_told_from_a_right_one(browser: Chromium, script: Path) -> None:
    right, wrong = "flowchart LR\n    a --> b", "flowchart LR\n    a[b --> c"
    pictures = render(browser, script, {"right": right, "wrong": wrong})
    assert pictures["right"].svg.startswith("<svg")
    assert pictures["right"].width > 0
    assert "Parse error" in pictures["wrong"].error


class Word(Enum):
    """Statuses named like words of Mermaid's."""

    DEFAULT = 1
    NOTE = 2
    CLASS = 3


def test_names_that_are_words_of_mermaid_are_drawn(browser: Chromium, script: Path) -> None:
    steps = (
        Step("note", frozenset({Word.DEFAULT}), Word.NOTE),
        Step("end", frozenset({Word.NOTE}), Word.CLASS),
    )
    boxes = [Box("Note", "entity", ("end: Class[]", "class(style)")), Box("Class", "port")]
    sources = {
        "states": LifeCycle(Word, steps).diagram(),
        "classes": class_diagram(boxes, [Relation("Note", "*--", "*", "Class", "end")], "LR"),
    }
    pictures = render(browser, script, sources)
    assert {name: each.error for name, each in pictures.items()} == {"states": "", "classes": ""}
    assert all(word.name in pictures["states"].text for word in Word)
    assert "class(style)" in pictures["classes"].text


class Paper(Enum):
    """Statuses of which one can come back, and one can come at any time."""

    DRAFT = 1
    SUBMITTED = 2
    UNDER_REVIEW = 3
    ACCEPTED = 4
    REJECTED = 5
    ARCHIVED = 6


def _statuses(*names: str) -> frozenset[Enum]:
    return frozenset(Paper[name] for name in names)


WRITING = (
    Step("write", None, Paper.DRAFT),
    Step("submit", _statuses("DRAFT", "REJECTED"), Paper.SUBMITTED),
    Step("submit_with_all_corrections", _statuses("DRAFT", "REJECTED"), Paper.SUBMITTED),
    Step("assign", _statuses("SUBMITTED"), Paper.UNDER_REVIEW),
    Step("accept", _statuses("UNDER_REVIEW"), Paper.ACCEPTED),
    Step("accept_with_corrections", _statuses("UNDER_REVIEW"), Paper.ACCEPTED),
    Step("reject", _statuses("SUBMITTED", "UNDER_REVIEW"), Paper.REJECTED),
    Step("archive", frozenset(Paper), Paper.ARCHIVED),
    Step("destroy", _statuses("ARCHIVED"), deletes=True),
)


def test_a_life_cycle_fits_a_page_and_its_labels_lie_apart(browser: Chromium, script: Path) -> None:
    small = LifeCycle(Paper, WRITING[:4])
    sources = {"small": small.diagram(), "large": LifeCycle(Paper, WRITING).diagram()}
    pictures = render(browser, script, sources)
    assert _too_large(pictures, WIDEST_ON_PAPER) == {}
    for name, count in (("small", 4), ("large", 9)):
        boxes = _labels(pictures[name])
        assert len(boxes) == count
        assert [pair for pair in itertools.combinations(boxes, 2) if _overlap(*pair)] == []


Rectangle = tuple[float, float, float, float]


def _labels(picture: Picture) -> list[Rectangle]:
    """Return where the labels of arrows lie: left, top, right, bottom."""
    found = re.findall(
        r'class="edgeLabel" transform="translate\(([\d.-]+), ([\d.-]+)\)".*?'
        r'<foreignObject width="([\d.]+)" height="([\d.]+)"',
        picture.svg,
    )
    boxes = [tuple(map(float, each)) for each in found]
    return [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for x, y, w, h in boxes]


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_names_with_signs_of_mermaid_and_html_are_drawn_as_they_are(
    browser: Chromium, script: Path
) -> None:
    odd = 'end "a" <b>&amp; {id} [c]; %% ) #quot; graph'
    source = rows([[Node(odd, "caller"), Node("x", "event")]])
    pictures = render(browser, script, {"odd": source})
    assert pictures["odd"].error == ""
    assert odd in pictures["odd"].text


def test_a_long_process_with_long_names_fits_a_screen_too(browser: Chromium, script: Path) -> None:
    found = explore(Trip, TRAVEL, trip_handlers)
    main, others = sequences(found)
    ways = render(browser, script, {f"way {n}": each for n, each in enumerate([main, *others])})
    states = render(browser, script, {f"{n}": each for n, each in enumerate(state_machines(found))})
    pictures = {**ways, **states}
    assert len(pictures) > len(NUMBERS)
    assert _too_large(pictures, highest=HIGHEST_IN_ANY_FONT) == {}
    assert _too_large(ways, WIDEST_ON_PAPER, HIGHEST_IN_ANY_FONT) == {}
    text = "".join("".join(each.text.split()) for each in pictures.values())
    assert all(step.name in text for step in Trip.STEPS)
