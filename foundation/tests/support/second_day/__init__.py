"""A clinic's service on its second day: edited by hand, with documents in its database."""
