"""Authorization: access tokens of one issuer, verified with its public keys."""
