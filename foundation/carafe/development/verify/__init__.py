"""`carafe verify`: what a phase needs, and what is missing."""
