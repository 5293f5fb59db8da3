"""`python -m workflow diagrams`: pictures of the service, drawn from its code."""
