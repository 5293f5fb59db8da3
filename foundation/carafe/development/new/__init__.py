"""Makes a service out of templates: `carafe new`."""
