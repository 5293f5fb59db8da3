"""Adapters of the domain's ports that speak to services of others."""
