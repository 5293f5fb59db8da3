"""Deployment rehearsed on this machine: the packaged functions run, `chalice deploy` is played."""
