"""Adapters of the domain's ports that call external services."""
