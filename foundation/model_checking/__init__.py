"""The protocol of documents, relays, sweep and timers as a model that is checked whole.

`protocol/*.pml` is the model, in Promela: every state that it can reach is visited, with crashes,
repeats and late messages at every step. `docs/protocol.md` says what it covers and relies on.
"""
