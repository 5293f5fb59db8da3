"""TLS in front of local servers: functions outside the local stage accept nothing else."""

import asyncio
import contextlib
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

HOST = "localhost"
CHUNK = 1 << 16


def write_certificate(folder: Path) -> Path:
    """Write a self-signed certificate of localhost and its key into one file."""
    path = folder / "localhost.pem"
    path.touch(mode=0o600)
    path.write_bytes(self_signed(HOST))
    return path


def self_signed(host: str) -> bytes:
    """Return a self-signed certificate of a host and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM) + secret


class TlsProxies:
    """Ports that terminate TLS, each in front of a plain port of 127.0.0.1.

    Args:
        certificate: file with a certificate and its key.
    """

    def __init__(self, certificate: Path) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificate)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open: dict[int, asyncio.Event] = {}
        self._servers: list[asyncio.Server] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._cancel(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def proxy_port(self, target: int) -> int:
        """Return a new TLS port in front of a plain one."""
        return asyncio.run_coroutine_threadsafe(self._serve(target), self._loop).result()

    def hold(self, target: int) -> None:
        """Stop all traffic to a port without closing connections, like a silent network."""
        self._loop.call_soon_threadsafe(self._open[target].clear)

    def release(self, target: int) -> None:
        """Resume the traffic to a port."""
        self._loop.call_soon_threadsafe(self._open[target].set)

    async def _serve(self, target: int) -> int:
        self._open[target] = asyncio.Event()
        self._open[target].set()

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                target_reader, target_writer = await asyncio.open_connection("127.0.0.1", target)
                gate = self._open[target]
                await asyncio.gather(
                    _copy(reader, target_writer, gate), _copy(target_reader, writer, gate)
                )

        server = await asyncio.start_server(forward, "127.0.0.1", 0, ssl=self._context)
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _cancel(self) -> None:
        for server in self._servers:
            server.close()
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, gate: asyncio.Event
) -> None:
    try:
        while data := await source.read(CHUNK):
            await gate.wait()
            target.write(data)
            await target.drain()
    except OSError:
        pass  # one side closed the connection
    finally:
        target.close()
