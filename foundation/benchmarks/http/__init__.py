"""Carafe as `make run` serves it, beside FastAPI, Beanie and a transactional outbox, over HTTP."""
