"""Ordering: the modules that every function of app.py shares."""
