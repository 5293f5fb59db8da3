"""The repositories: one for each aggregate."""
