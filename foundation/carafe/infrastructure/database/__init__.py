"""Stores that keep the aggregates."""
