"""The service client: what another service imports to use this one.

    from chalicelib.contracts.client.ordering import OrderingClient

It needs the contracts, msgspec and urllib3, and nothing of the service's inside.
"""
