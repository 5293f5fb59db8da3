"""What services share on a stage: one broker, and who may do what on it."""
