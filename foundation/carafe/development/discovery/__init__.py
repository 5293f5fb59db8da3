"""Phase 02: a model of the service, short enough to be agreed on, exact enough to build from."""
