"""The HTTP face; with app.py, the only room that knows Chalice."""
