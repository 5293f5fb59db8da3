"""The command line that carries a team through its work; never deployed."""
