"""`carafe diagrams`: diagrams of the service, drawn from its code."""
