"""Commands, queries and events on their way: mediator, relay, nudges, buses."""
