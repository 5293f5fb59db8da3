"""The command line that carries a team through its work; never deployed."""

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as in shells: 128 + SIGINT."""
