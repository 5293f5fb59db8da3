"""What a service is: one declaration, from which everything else is wired.

    service = Service(
        name="lending",
        version="1.0.0",
        settings=Settings,
        root=Path(__file__).parents[2],
        repositories={
            Loan: "lending.loan_repository:LoanRepository",
        },
        published=PUBLISHED,
        scopes=SCOPES,
    )

Repositories and adapters are named rather than imported: a function that only checks tokens then
loads no driver.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from . import logs
from .container import Container
from .declaration import Declaration
from .errors import SecretsUnavailable, StoreLoginRefused
from .identifiers import now
from .settings import BadSettings, Settings

log = logging.getLogger(__name__)

R = TypeVar("R")
S = TypeVar("S", bound=Settings)

VAIN_RENEWAL_PAUSE_SECONDS = 10
"""While a secret holds a wrong password, not every request reads the secrets again."""

_wiring = threading.Lock()
"""Held while a service is wired, which requests may ask for at the same time."""


class Service(Declaration[S]):
    """A service, declared, and wired on demand; its arguments are those of `Declaration`."""

    clock: Callable[[], datetime] = staticmethod(now)
    """Returns the present; tests put one in its place that they move by hand."""

    _container: Container[S] | None = None
    _last_vain_renewal = float("-inf")  # on the wall clock, which runs while a function is frozen

    def container(self) -> Container[S]:
        """Return the wired service, made from the environment once for each process.

        Raises:
            BadSettings: the environment is not right.
            SecretsUnavailable: settings that are secret cannot be read.
        """
        with _wiring:
            if self._container is None:
                settings = self.read_settings()
                if not settings.is_local:
                    logs.configure()
                self._container = self.wired(settings)
            return self._container

    def wired(self, settings: S) -> Container[S]:
        """Return the service on other settings than those of `container`."""
        return Container(self, settings, self.clock)

    def run(self, work: Callable[[Container[S]], R]) -> R:
        """Do some work on the wired service; on newly read secrets again, if a login is refused.

        The password may have been changed while this process was warm.

        Args:
            work: can be repeated: it had no effect when the store refused the login.

        Raises:
            StoreLoginRefused: the secret still holds what the store refuses.
        """
        container = self.container()
        try:
            return work(container)
        except StoreLoginRefused:
            if not self.renew(container):
                raise
            log.warning("the store refused the login, the secrets were read again")
        return work(self.container())

    def renew(self, refused: Container[S]) -> bool:
        """Read the settings again, and wire the service anew if they have changed.

        After an attempt in vain they are not read for VAIN_RENEWAL_PAUSE_SECONDS.

        Args:
            refused: the container whose login was refused.

        Returns:
            Whether `container` returns another one now: no if the settings are the same, cannot
            be read, or were read in vain a moment ago.
        """
        if self._container is not refused:
            return True  # another request was faster
        if self._was_renewal_vain():
            return False
        try:
            settings = self.read_settings()
        except (BadSettings, SecretsUnavailable) as error:
            self._last_vain_renewal = time.time()
            log.error("the settings cannot be read again: %s", error)  # noqa: TRY400 - no values in it
            return False
        with _wiring:
            if self._container is not refused:
                return True  # the same, while the settings were read
            if settings == refused.settings:
                self._last_vain_renewal = time.time()
                return False
            self._container = None
        refused.close()
        return True

    def forget(self) -> None:
        """Let the next `container` read the environment anew."""
        with _wiring:
            self._container = None
            self._last_vain_renewal = float("-inf")

    def _was_renewal_vain(self) -> bool:
        """Return whether the settings were read in vain a moment ago."""
        return 0 <= time.time() - self._last_vain_renewal < VAIN_RENEWAL_PAUSE_SECONDS
