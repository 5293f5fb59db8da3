"""The service's shared modules; every function of app.py is built from them."""

__version__ = "0.1.0"
