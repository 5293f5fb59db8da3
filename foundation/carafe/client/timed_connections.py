"""urllib3's connections with a read timeout that limits the whole answer, head included."""

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from .timed_response import TimedResponse


class _TimedHTTPConnection(HTTPConnection):
    response_class = TimedResponse


class _TimedHTTPSConnection(HTTPSConnection):
    response_class = TimedResponse


class TimedHTTPConnectionPool(HTTPConnectionPool):
    """Pools plain connections."""

    ConnectionCls = _TimedHTTPConnection


class TimedHTTPSConnectionPool(HTTPSConnectionPool):
    """Pools encrypted connections."""

    ConnectionCls = _TimedHTTPSConnection
