"""A service's client as a wheel of its own: what other services install to use this one."""
