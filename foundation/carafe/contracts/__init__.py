"""What services tell each other: commands, queries, integration events, envelopes."""
