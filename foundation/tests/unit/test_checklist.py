"""The checklist of phases: what changes, and that nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carafe.development.checklist import NoSteps, complete_step, steps_of
from carafe.development.phases import PHASES

STEPS = "".join(f"- [ ] {phase}\n" for phase in PHASES).encode()
FILE = b"# Progress\n\nBefore.\n\n## Workflow Progress\n\n" + STEPS + b"\n## Log\n\n- [ ] 05 - x\n"


def _marks(content: bytes) -> str:
    return "".join("x" if step.is_complete else "." for step in steps_of(content))


def test_steps_read_exactly_so() -> None:
    assert b"\n- [x] 05 - Infrastructure Implementation\n" in complete_step(FILE, PHASES[4])


@pytest.mark.parametrize(
    ("before", "number", "after"),
    [
        (".......", 1, "x......"),
        ("xx.....", 3, "xxx...."),
        (".......", 5, "....x.."),
        ("xxxxxxx", 3, "xxx...."),
        ("x.x.x.x", 4, "x.xx..."),
        ("xxxxxx.", 7, "xxxxxxx"),
    ],
)
def test_a_step_is_done_later_ones_are_open_and_earlier_ones_stay(
    before: str, number: int, after: str
) -> None:
    content = FILE
    for phase, mark in zip(PHASES, before, strict=True):
        if mark == "x":
            content = content.replace(f"[ ] {phase}".encode(), f"[x] {phase}".encode())
    assert _marks(content) == before
    assert _marks(complete_step(content, PHASES[number - 1])) == after


@given(
    before=st.binary(max_size=60).filter(lambda each: b"#" not in each and b"`" not in each),
    after=st.binary(max_size=60),
    end=st.sampled_from([b"\n", b"\r\n"]),
    space=st.sampled_from([b"", b"  ", b"\t"]),
    number=st.integers(1, 7),
)
def test_every_other_byte_stays(
    before: bytes, after: bytes, end: bytes, space: bytes, number: int
) -> None:
    lines = [f"- [X] {phase}".encode() + space for phase in PHASES]
    section = end.join([b"## Workflow Progress", b"\xff kept", *lines])
    content = before.replace(b"~", b"") + b"\n" + section + end + b"# Next" + end + after
    changed = complete_step(content, PHASES[number - 1])
    expected = content
    for phase in PHASES[number - 1 :]:
        mark = "x" if phase is PHASES[number - 1] else " "
        expected = expected.replace(f"- [X] {phase}".encode(), f"- [{mark}] {phase}".encode(), 1)
    assert changed == expected


def test_a_file_may_end_without_a_line_feed() -> None:
    content = b"## Workflow Progress\n" + STEPS.rstrip(b"\n")
    assert complete_step(content, PHASES[6]) == content[
        : -len(b" ] 07 - Service Client Implementation")
    ] + (b"x] 07 - Service Client Implementation")


def test_steps_elsewhere_and_in_code_are_no_steps() -> None:
    elsewhere = b"```\n## Workflow Progress\n" + STEPS + b"```\n" + STEPS
    changed = complete_step(elsewhere + FILE, PHASES[0])
    assert changed.startswith(elsewhere)
    assert _marks(changed) == "x......"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no '- [ ] 01 - Initial Setup' below '## Workflow Progress'"),
        (FILE.replace(b"## Workflow", b"## My"), "has no '- [ ] 01 - Initial Setup'"),
        (FILE.replace(b"- [ ] 04 -", b"- [?] 04 -"), "has no '- [ ] 04 - Contracts"),
        (FILE.replace(b"06 - API", b"06 - Api"), "has no '- [ ] 06 - API"),
        (FILE.replace(STEPS, STEPS + b"- [ ] 02 - Domain Discovery\n"), "Discovery' twice"),
    ],
)
def test_a_file_without_the_steps_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(NoSteps) as failure:
        complete_step(content, PHASES[0])
    assert message in str(failure.value)
