"""Models of services drawn at random, and the checks of what is scaffolded from them."""
