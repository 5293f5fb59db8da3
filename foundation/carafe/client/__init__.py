"""What the client of a service is made of: what another program imports to use that service.

    class LendingClient(ServiceClient): ...

It needs the service's contracts, msgspec and urllib3, and nothing of any service's inside.
"""
