"""The declaration fits the rest of the service."""

from carafe.testing.suites import DeclarationTests


class TestDeclaration(DeclarationTests):
    """What `bootstrap.py` and `wiring.py` say."""
