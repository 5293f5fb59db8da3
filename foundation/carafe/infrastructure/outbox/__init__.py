"""The way of an event: from the document that keeps it, by nudge or sweep, to the bus."""
