"""What the tests share: examples in the domain's words, and what callers send."""
