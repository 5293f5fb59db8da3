"""A deployment rehearsed on this machine: the packaged functions run as in AWS Lambda."""
