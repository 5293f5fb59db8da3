"""Adapters of the domain's ports to other services."""
