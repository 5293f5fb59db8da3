"""For the tests of a service: real servers as fixtures, and suites to subclass.

A `conftest.py` enables the fixtures with `pytest_plugins = ["carafe.testing.plugin"]`. Nothing of
this package is deployed.
"""
