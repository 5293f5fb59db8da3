"""The safeguards of the foundation, how to switch each of them off, and the tests that notice."""

from .bus import BUS
from .forms import FORMS
from .messages import MESSAGES
from .processes import PROCESSES
from .relay import RELAY
from .safeguard import Safeguard
from .store import STORE
from .timers import TIMERS

__all__ = ["SAFEGUARDS", "Safeguard"]

SAFEGUARDS = [*STORE, *RELAY, *BUS, *MESSAGES, *TIMERS, *PROCESSES, *FORMS]
