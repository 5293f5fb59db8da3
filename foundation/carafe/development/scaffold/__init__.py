"""Phases 03 to 07: generates code in the house style from a model."""
