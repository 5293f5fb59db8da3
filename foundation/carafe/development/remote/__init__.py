"""Operators' commands that run on a stage: in its function `migrate`, where its network reaches."""
