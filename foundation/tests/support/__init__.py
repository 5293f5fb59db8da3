"""What the tests share: examples in the domain's words, and access to real servers."""
