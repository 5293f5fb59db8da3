"""What an access token can allow here."""

READ_ORDERS = "orders:read"
WRITE_ORDERS = "orders:write"
WRITE_CATALOGUE = "catalogue:write"
OPERATIONS = "operations"

SCOPES = frozenset({READ_ORDERS, WRITE_ORDERS, WRITE_CATALOGUE, OPERATIONS})
"""Everything that counts in a token; the rest is ignored."""
