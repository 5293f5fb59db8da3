"""MongoDB: one aggregate, one document."""
