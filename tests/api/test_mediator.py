"""Every message finds its handler."""

from carafe.testing.suites import MediatorTests


class TestMediator(MediatorTests):
    """The handlers of this service."""
