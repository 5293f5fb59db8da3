"""What the service's parts cost, measured beside what else does the same."""
