"""What makes and checks a release of the foundation: `make release`.

A tool of the repository, which is not shipped.
"""
