"""A library that stores and sends every form there is, and what released versions of it wrote."""
