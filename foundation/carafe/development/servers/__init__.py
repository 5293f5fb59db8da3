"""The real servers that `make run` and the tests start as child processes of their own.

`stack.Stack` starts them all; each also stands alone: `mongodb.MongoServer`,
`rabbitmq.RabbitServer`, `aws.AwsServer`, `issuer.TokenIssuer`. All bind 127.0.0.1 only, keep
their files in one folder, and end with the process that started them, even when it is killed.
"""
