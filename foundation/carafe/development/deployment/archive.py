"""The functions' code in a zip, with bytecode: Lambda cannot store what it compiles."""

import compileall
import sys
import zipfile
from pathlib import Path, PurePosixPath
from py_compile import PycInvalidationMode

from carafe.development.zip_file import zip_bytes

from .contents import is_foreign, is_needed
from .errors import PackagingFailed

LARGEST_MEGABYTES = 8
MEGABYTE = 1_000_000
IN_LAMBDA = "/var/task"


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the needed files of a zip that Chalice made.

    Raises:
        PackagingFailed: it contains a file that must not be deployed.
    """
    with zipfile.ZipFile(archive) as opened:
        needed = [name for name in opened.namelist() if is_needed(PurePosixPath(name))]
        foreign = [name for name in needed if is_foreign(PurePosixPath(name))]
        if foreign:
            raise PackagingFailed(
                f"the package contains a file that must not be deployed: {foreign[0]}"
            )
        opened.extractall(folder, needed)


def unpack_compiled(archive: Path, folder: Path) -> None:
    """Unpack a finished package, as Lambda does."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)


def require_small(archive: Path) -> int:
    """Return the size of a zip's files but bytecode, unless it would make cold starts slow.

    Raises:
        PackagingFailed: it is too large.
    """
    with zipfile.ZipFile(archive) as opened:
        entries = [each for each in opened.infolist() if not each.filename.endswith(".pyc")]
    size = sum(each.compress_size for each in entries)
    if size > LARGEST_MEGABYTES * MEGABYTE:
        raise PackagingFailed(
            f"the package has {size / MEGABYTE:.1f} MB; at most {LARGEST_MEGABYTES} are allowed "
            "(before bytecode): check which packages requirements.txt installs"
        )
    return size


def compile_all(folder: Path) -> None:
    """Compile every module for Lambda, which then never checks the source.

    Raises:
        PackagingFailed: a module does not compile.
    """
    is_complete = compileall.compile_dir(
        folder,
        quiet=2,
        force=True,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        stripdir=str(folder),
        prependdir=IN_LAMBDA,
    )
    broken = [path for path in sorted(folder.rglob("*.py")) if not bytecode_of(path).exists()]
    if not is_complete and broken:
        raise PackagingFailed(f"{broken[0].relative_to(folder)} does not compile")


def bytecode_of(source: Path) -> Path:
    """Return the path of a module's bytecode."""
    tag = sys.implementation.cache_tag
    return source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"


def pack(folder: Path, archive: Path, *, onto: Path | None = None) -> None:
    """Pack a folder; the same code makes the same zip, byte for byte.

    Args:
        folder: all of it is packed.
        archive: the zip to write.
        onto: a zip whose files come first, as they are; none of them is in the folder too.
    """
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    archive.write_bytes(zip_bytes(files, onto.read_bytes() if onto else b""))
