"""Memory: the same promises as a database's, without a server."""
