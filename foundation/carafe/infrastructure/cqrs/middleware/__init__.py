"""What surrounds every handler, one concern a module; `api.handlers` puts them together."""
