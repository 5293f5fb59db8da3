"""What others may depend on: commands, queries, integration events, envelopes."""
