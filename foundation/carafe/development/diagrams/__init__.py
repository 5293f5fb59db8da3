"""`carafe diagrams`: pictures of the service, drawn from its code."""
