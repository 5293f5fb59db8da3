"""Where the aggregates are kept: a repository for each."""
