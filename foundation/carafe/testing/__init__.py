"""What the tests of a service are made of: real servers as fixtures, and suites to subclass.

A `conftest.py` asks for the fixtures with `pytest_plugins = ["carafe.testing.plugin"]`. Nothing of
this is deployed.
"""
