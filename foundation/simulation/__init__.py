"""The foundation's own code over a simulated store, broker, queue and clock, all from one seed.

Nothing here is part of the package: `make simulate` runs it, and `tests/simulation` a short part.
"""
