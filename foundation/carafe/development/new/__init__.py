"""`carafe new`: creates a service from templates."""
