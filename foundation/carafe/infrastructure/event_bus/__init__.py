"""The event buses: RabbitMQ, and an in-memory one called base."""
