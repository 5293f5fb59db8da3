"""What each of the seven phases is about, a page for each, and an example of a model."""
