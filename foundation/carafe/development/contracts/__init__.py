"""`carafe contracts`: checks that contracts stay compatible with the released ones."""
