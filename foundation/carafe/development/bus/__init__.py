"""`carafe bus`: the exchanges, queues and bindings, and the messages that pass."""
