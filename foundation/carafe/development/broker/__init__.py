"""A live broker, held against what the contracts demand."""
