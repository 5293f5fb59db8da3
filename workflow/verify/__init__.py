"""`python -m workflow verify`: what a phase needs, and what is missing."""
