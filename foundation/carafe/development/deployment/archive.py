"""The functions' code in a zip: with bytecode, since Lambda cannot keep what it compiles."""

import compileall
import sys
import zipfile
from pathlib import Path, PurePosixPath
from py_compile import PycInvalidationMode

from carafe.development.zip_file import zipped

from .contents import is_foreign, is_needed
from .errors import PackagingFailed

LARGEST_MEGABYTES = 6
MEGABYTE = 1_000_000
IN_LAMBDA = "/var/task"


def unpack(archive: Path, folder: Path) -> None:
    """Unpack what is needed of a zip as Chalice makes it.

    Raises:
        PackagingFailed: something is in it that is not deployed.
    """
    with zipfile.ZipFile(archive) as opened:
        needed = [name for name in opened.namelist() if is_needed(PurePosixPath(name))]
        foreign = [name for name in needed if is_foreign(PurePosixPath(name))]
        if foreign:
            raise PackagingFailed(f"the package holds what is not deployed: {foreign[0]}")
        opened.extractall(folder, needed)


def unpack_compiled(archive: Path, folder: Path) -> None:
    """Unpack a finished package, as Lambda does."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)


def require_small(archive: Path) -> int:
    """Return the size of a zip; refuse one that makes cold starts slow.

    Raises:
        PackagingFailed: it is too large.
    """
    size = archive.stat().st_size
    if size > LARGEST_MEGABYTES * MEGABYTE:
        raise PackagingFailed(
            f"the package has {size / MEGABYTE:.1f} MB; at most {LARGEST_MEGABYTES} are allowed "
            "(before bytecode): look at what requirements.txt brings along"
        )
    return size


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
    """Pack a folder; the same code makes the same file, byte by byte."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    archive.write_bytes(zipped(files))
