"""An interview writes its answers into a file, or a draft, and leaves what is there already."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from carafe.development import INTERRUPTED
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold.pictures import CODE
from tests.support import reminding_model
from tests.support.interviews import ask, make_service, model
from tests.support.places import ROOT
from tests.support.rental_model import AGGREGATE, MODEL, RIGHT, SERVICES, SUBSCRIPTIONS, WHOLE

FILE = Path("model.yaml")


@pytest.fixture(autouse=True)
def _service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_service(tmp_path)


def test_answers_that_end_in_the_middle_are_saved_as_a_draft() -> None:
    result = ask(WHOLE[: WHOLE.index("RentalOverdue")])
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()[1:]
    assert line == (
        "error: stopped in the middle; your answers are in model.draft-1.yaml: "
        "complete it, and rename it to model.yaml"
    )
    draft = yaml.safe_load(Path("model.draft-1.yaml").read_text())
    assert draft["aggregates"]["Rental"]["behaviors"]["call_overdue"]["becomes"] == "overdue"
    assert not FILE.exists()


def test_a_second_draft_leaves_the_first() -> None:
    ask(WHOLE[:10])
    ask(WHOLE[:20])
    assert Path("model.draft-1.yaml").read_text() != Path("model.draft-2.yaml").read_text()


@pytest.mark.parametrize(("answers", "options"), [([], []), (WHOLE[:10], ["--dry-run"])])
def test_without_answers_no_draft_is_written(answers: list[str], options: list[str]) -> None:
    result = ask(answers, *options)
    assert result.exit_code == 1
    assert "error: stopped in the middle; nothing was written" in result.stderr
    assert {each.name for each in Path().iterdir()} == set(CODE)


def test_no_answer_is_no_model() -> None:
    result = ask(["", ""])
    assert (result.exit_code, FILE.exists()) == (1, False)
    assert result.stderr == "error: nothing was answered, so that nothing was written\n"


def test_a_missing_folder_is_reported_before_the_first_question() -> None:
    result = ask([], "away/model.yaml")
    assert result.output == "error: there is no folder away: make it first\n"


def test_answers_are_added_to_an_existing_file() -> None:
    ask([*AGGREGATE, "", ""])
    result = ask(["y", "", *SERVICES, *SUBSCRIPTIONS])
    assert "your answers are added to it" in result.output
    assert resolve(Source(FILE.read_text(), "model.yaml")) == RIGHT


def test_processes_that_were_written_by_hand_stay() -> None:
    FILE.write_text(reminding_model.MODEL)
    before = resolve(Source(reminding_model.MODEL, "model.yaml"))
    assert model(ask(["y", "", "", ""], "--dry-run").output) == before
    assert before.processes


def test_an_aggregate_may_not_have_the_name_of_a_process() -> None:
    FILE.write_text(reminding_model.MODEL)
    result = ask(["y", "Reminding"], "--dry-run")
    assert "The name Reminding is taken in this model." in result.output


def test_a_file_stays_as_it_is_without_a_confirmation() -> None:
    FILE.write_text(MODEL)
    assert ask(["n"]).stderr == "error: model.yaml stays as it is\n"
    assert FILE.read_text() == MODEL


def test_nothing_is_added_to_a_file_with_faults() -> None:
    FILE.write_text(MODEL.replace("shelf: Shelf", "shelf: Shelv"))
    assert "unknown type Shelv" in ask(["y"]).stderr


def test_control_c_ends_the_interview_like_other_commands() -> None:
    # Tests that run in the background may ignore Ctrl-C, and their children with them.
    program = (
        "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "runpy.run_module('carafe', run_name='__main__', alter_sys=True)"
    )
    command = [sys.executable, "-u", "-c", program, "discover", "--ask"]
    with subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("Rental\na book in the hands of a member\n")
        process.stdin.flush()
        output = ""
        while not output.endswith("Attribute of the rental (snake_case): "):
            character = process.stdout.read(1)
            assert character, output
            output += character
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert "your answers are in model.draft-1.yaml" in errors
    assert "Traceback" not in errors
