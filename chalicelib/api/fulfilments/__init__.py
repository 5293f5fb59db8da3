"""How fulfilments follow orders and the shipping service."""
