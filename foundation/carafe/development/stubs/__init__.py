"""Servers that stand for external services on developers' machines."""
