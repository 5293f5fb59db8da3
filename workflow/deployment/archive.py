"""The functions' code in a zip: with bytecode, since Lambda cannot keep what it compiles."""

import compileall
import sys
import zipfile
from pathlib import Path, PurePosixPath
from py_compile import PycInvalidationMode

from .errors import PackagingFailed

LARGEST_MEGABYTES = 6
MEGABYTE = 1_000_000
IN_LAMBDA = "/var/task"
# The earliest that a zip can tell: the same code makes the same file, byte by byte.
LONG_AGO = (1980, 1, 1, 0, 0, 0)
EVERYBODY_READS = 0o644 << 16
OUR_OWN = {"app.py", "chalicelib"}

# Modules, and what the page at /docs consists of.
DEPLOYED = {".py", ".html", ".css", ".js"}


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip.

    Raises:
        PackagingFailed: something is in it that is not deployed.
    """
    with zipfile.ZipFile(archive) as opened:
        foreign = [name for name in opened.namelist() if _is_foreign(PurePosixPath(name))]
        if foreign:
            raise PackagingFailed(f"the package holds what is not deployed: {foreign[0]}")
        opened.extractall(folder)


def unpack_compiled(archive: Path, folder: Path) -> None:
    """Unpack a finished package, as Lambda does."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)


def require_small(archive: Path) -> None:
    """Refuse a zip that makes cold starts slow.

    Raises:
        PackagingFailed: it is too large.
    """
    size = archive.stat().st_size
    if size > LARGEST_MEGABYTES * MEGABYTE:
        raise PackagingFailed(
            f"the package has {size / MEGABYTE:.1f} MB; at most {LARGEST_MEGABYTES} are allowed "
            "(before bytecode): look at what requirements.txt brings along"
        )


def compile_all(folder: Path) -> None:
    """Compile every module for Lambda, which then never looks at the source.

    Raises:
        PackagingFailed: a module does not compile.
    """
    done = compileall.compile_dir(
        folder,
        quiet=2,
        force=True,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        stripdir=str(folder),
        prependdir=IN_LAMBDA,
    )
    broken = [path for path in sorted(folder.rglob("*.py")) if not bytecode_of(path).exists()]
    if not done and broken:
        raise PackagingFailed(f"{broken[0].relative_to(folder)} does not compile")


def bytecode_of(source: Path) -> Path:
    """Return where a module's bytecode lies."""
    tag = sys.implementation.cache_tag
    return source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"


def pack(folder: Path, archive: Path) -> None:
    """Pack a folder."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), LONG_AGO)
                entry.external_attr = EVERYBODY_READS
                entry.compress_type = zipfile.ZIP_DEFLATED
                opened.writestr(entry, path.read_bytes())


def _is_foreign(path: PurePosixPath) -> bool:
    """Tell whether a file is of ours, and no module of the service."""
    hidden = any(part.startswith(".") for part in path.parts)
    ours = path.parts[0] in OUR_OWN
    return hidden or (ours and (path.suffix not in DEPLOYED or "tests" in path.parts))
