"""Contracts, held against the ones that others already rely on."""
