"""Messages that were set aside for a person."""
