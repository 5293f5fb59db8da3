"""Small faults put into the code that loses nothing, one at a time: a test must notice each.

Nothing here is part of the package: `make mutate` runs it, with mutmut, on a copy of both houses.
"""
