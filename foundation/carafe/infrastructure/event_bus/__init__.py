"""The event buses: RabbitMQ, and the in-memory one called base."""
