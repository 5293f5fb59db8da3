"""The outbox: events are stored in their document, then relayed to the bus by nudge or sweep."""
