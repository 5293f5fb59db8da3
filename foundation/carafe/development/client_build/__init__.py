"""`carafe client`: builds a service's client as a wheel that other services install."""
