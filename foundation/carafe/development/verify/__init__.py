"""`carafe verify`: the needs of each phase, and what is missing."""
