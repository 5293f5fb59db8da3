"""Commands and queries about orders."""
