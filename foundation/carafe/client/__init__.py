"""The base of a service's typed client, which other programs import to use that service.

    class LendingClient(ServiceClient): ...

It depends on the service's contracts, msgspec and urllib3, and on nothing inside any service.
"""
