"""Phases 03 to 07: code in the house style from a model."""
