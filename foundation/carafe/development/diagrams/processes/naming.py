"""How the states of a process, and what moves it, are called in its pictures."""

from carafe.development.diagrams.states import State
from carafe.domain.process import Process
from carafe.domain.process_state import ProcessStatus
from carafe.domain.steps import StepStatus
from carafe.domain.timers import Timer

from .moves import Arrival, Call, Refusal, Resumption, Trigger

WAY_BACK = "change"

STYLES = {
    ProcessStatus.RUNNING: "behaviour",
    ProcessStatus.UNDOING: WAY_BACK,
    ProcessStatus.STUCK: "external",
    ProcessStatus.COMPLETED: "store",
    ProcessStatus.UNDONE: "store",
}

STUCK = ProcessStatus.STUCK.value
BETWEEN_STEPS = "between steps"


def state_of(process: Process) -> State:
    """Return the state that is drawn: where the process stands, and the steps that this is about.

    Several states in which the same steps wait are drawn as one, whatever was done before.
    """
    return State(_name_of(process), STYLES[process.status])


def _name_of(process: Process) -> str:
    match process.status:
        case ProcessStatus.RUNNING:
            return _steps(process, StepStatus.WAITING) or BETWEEN_STEPS
        case ProcessStatus.UNDOING:
            return f"undoing {_steps(process, StepStatus.UNDOING)}"
    return str(process.status.value)


def _steps(process: Process, status: StepStatus) -> str:
    return " and ".join(each.name for each in process.step_records if each.status is status)


def label_of(process: type[Process], trigger: Trigger) -> str:
    """Return what moves a process, in a few words."""
    match trigger:
        case Arrival(contract):
            return contract.__name__
        case Refusal(command=command):
            return f"{command.__name__} is refused"
        case Call(timer, key):
            return _call(process, timer, key)
        case Resumption(is_undone_by_hand):
            return "undone by hand" if is_undone_by_hand else "resumed"


def _call(process: type[Process], timer: type[Timer], key: str) -> str:
    if timer is process.DEADLINE:
        return f"{key}: no answer in time"
    return f"{timer.__name__} ({key})" if key else timer.__name__
