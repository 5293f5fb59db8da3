"""Who asks, and what it may do: access tokens of one issuer, checked with its public keys."""
