"""Everything that touches the outside: stores, buses, external services, settings."""
