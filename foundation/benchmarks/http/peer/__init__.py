"""The peer: FastAPI, Beanie, a transactional outbox, and a relay with publisher confirms."""
