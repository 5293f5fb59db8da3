"""A live broker, compared with what the contracts require."""
