"""Reproducible zips: the same files make the same zip, byte for byte."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping

from .atomic_file import EVERYBODY_READS

# The earliest time that a zip can store.
EARLIEST_TIME = (1980, 1, 1, 0, 0, 0)
MODE_BITS = 16
"""The position of a file's mode in a zip's attributes: above those of DOS."""


def zip_bytes(files: Mapping[str, bytes], before: bytes = b"") -> bytes:
    """Return a zip of files, in this order.

    Args:
        files: contents by path in the zip.
        before: a zip whose files come first; they need not be compressed again.
    """
    buffer = io.BytesIO(before)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, EARLIEST_TIME)
            entry.external_attr = EVERYBODY_READS << MODE_BITS
            entry.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(entry, content)
    return buffer.getvalue()


def wheel_bytes(files: Mapping[str, bytes], information: str) -> bytes:
    """Return a wheel: a zip with RECORD, the list of its files.

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/

    Args:
        files: contents by path, METADATA and WHEEL among them.
        information: the folder of its metadata, `NAME-VERSION.dist-info`.
    """
    record = f"{information}/RECORD"
    lines = [f"{path},{_digest(content)},{len(content)}" for path, content in files.items()]
    return zip_bytes({**files, record: "\n".join([*lines, f"{record},,", ""]).encode()})


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"
