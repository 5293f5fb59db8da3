"""`processes.md`: each process as a state machine and as sequences, drawn by running its code."""
