"""Load on a real service while its servers and functions are killed; then all is reconciled."""
