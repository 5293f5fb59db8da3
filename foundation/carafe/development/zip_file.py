"""Zips that are the same, byte by byte, whenever and wherever they are made of the same files."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping

from .atomic_file import EVERYBODY_READS

# The earliest that a zip can tell.
LONG_AGO = (1980, 1, 1, 0, 0, 0)
MODE_BITS = 16
"""Where a zip has a file's mode: above what belongs to DOS."""


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files, in the order given.

    Args:
        files: contents by path in the zip.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, LONG_AGO)
            entry.external_attr = EVERYBODY_READS << MODE_BITS
            entry.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(entry, content)
    return packed.getvalue()


def wheel_of(files: Mapping[str, bytes], information: str) -> bytes:
    """Return a wheel: a zip with a list of itself, RECORD.

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/

    Args:
        files: contents by path, METADATA and WHEEL among them.
        information: the folder of what it says of itself, `NAME-VERSION.dist-info`.
    """
    record = f"{information}/RECORD"
    lines = [f"{path},{_digest(content)},{len(content)}" for path, content in files.items()]
    return zipped({**files, record: "\n".join([*lines, f"{record},,", ""]).encode()})


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"
