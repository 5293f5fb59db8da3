"""The domain: plain Python, no I/O, no clock, no environment.

It needs only the standard library, and recurrences a library that reads cron fields.
"""
