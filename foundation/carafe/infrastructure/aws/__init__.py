"""The few calls to AWS that functions make: SQS and Secrets Manager.

AWS's SDK would cost a function more than all its other modules, at its first call and at each.
"""
