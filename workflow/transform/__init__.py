"""Phase 01: a clone becomes a service of one's own."""
