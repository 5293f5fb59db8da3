"""AWS Signature Version 4, for POST requests without a query string.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs.

    Attributes:
        access_key_id: sent with each request.
        secret_access_key: never sent.
        session_token: sent with temporary credentials; None for permanent ones.
    """

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(repr=False)


class Signer:
    """Signs requests to one service.

    Args:
        credentials: who signs.
        region: of the service, such as `eu-central-1`.
        service: its name in signatures, such as `sqs`.
    """

    def __init__(self, credentials: Credentials, region: str, service: str) -> None:
        self._credentials = credentials
        self._region = region
        self._service = service
        self._daily_key = ("", b"")

    def sign(
        self, path: str, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> dict[str, str]:
        """Return the headers to send, all of them signed.

        Args:
            path: as it is sent, percent-encoded; without `//`, `/./` and `/../`.
            headers: by name in lower case, `host` included; values without runs of spaces.
            body: as it is sent.
            seconds: the time, since 1970.
        """
        timestamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))
        signed = {**headers, "x-amz-date": timestamp}
        if self._credentials.session_token:
            signed["x-amz-security-token"] = self._credentials.session_token
        names = sorted(signed)
        signed_names = ";".join(names)
        lines = "".join(f"{name}:{signed[name]}\n" for name in names)
        digest = sha256(body).hexdigest()
        request = f"POST\n{quote(path, safe='/~')}\n\n{lines}\n{signed_names}\n{digest}"
        day = timestamp[:8]
        scope = f"{day}/{self._region}/{self._service}/aws4_request"
        text = f"{ALGORITHM}\n{timestamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        signature = _hmac(self._key(day), text).hex()
        signed["authorization"] = (
            f"{ALGORITHM} Credential={self._credentials.access_key_id}/{scope}, "
            f"SignedHeaders={signed_names}, Signature={signature}"
        )
        return signed

    def _key(self, day: str) -> bytes:
        known_day, key = self._daily_key
        if day != known_day:
            key = f"AWS4{self._credentials.secret_access_key}".encode()
            for part in (day, self._region, self._service, "aws4_request"):
                key = _hmac(key, part)
            self._daily_key = (day, key)
        return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
