"""Commands, queries and events of others on their way to their handlers."""
