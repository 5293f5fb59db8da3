"""The domain: plain Python, standard library only, no I/O, no clock, no environment."""
