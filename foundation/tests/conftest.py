"""Real servers for every test that asks for them; the service is the one beside this house."""

pytest_plugins = ["carafe.testing.plugin", "pytester"]
