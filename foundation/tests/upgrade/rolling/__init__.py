"""A service that is upgraded and rolled back under load, with two versions of the foundation."""
