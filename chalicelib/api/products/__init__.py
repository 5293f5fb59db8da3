"""Commands and queries about the catalogue."""
