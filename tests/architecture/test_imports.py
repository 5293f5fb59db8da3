"""Imports point inward."""

from carafe.testing.suites import ArchitectureTests


class TestArchitecture(ArchitectureTests):
    """Who may import whom."""
