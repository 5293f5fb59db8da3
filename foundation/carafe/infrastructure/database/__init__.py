"""Stores that keep the aggregates."""

import sys
from importlib.util import find_spec

# Without PyOpenSSL, pymongo would load `cryptography` for its sake, in 30 ms, and then use Python's
# own TLS. It uses that at once if told that its module cannot be imported.
if find_spec("OpenSSL") is None:
    sys.modules.setdefault("pymongo.pyopenssl_context", None)  # type: ignore[arg-type]
