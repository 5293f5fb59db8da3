"""The stored forms of aggregates: recorded when they are released, and compared from then on."""
