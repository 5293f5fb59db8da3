"""Who calls the API, with what their tokens allow."""

from carafe.testing.tokens import SignedIn

CUSTOMER = SignedIn("maria", "orders:read orders:write")
STRANGER = SignedIn("john", "orders:read orders:write")
OPERATOR = SignedIn("olga", "operations orders:read orders:write")
MERCHANT = SignedIn("mel", "catalogue:write")
EVERYTHING = SignedIn("maria", "operations orders:read orders:write catalogue:write")
