"""What the tests share: access to real servers and copies, and the reference service's builders.

`tests.support.orders`, `products`, `callers`, `inbound` and `payments` are the service's own
(`tests/support` beside this house), so that an order is built in one place.
"""

from pathlib import Path

__path__.append(str(Path(__file__).parents[3] / "tests/support"))
