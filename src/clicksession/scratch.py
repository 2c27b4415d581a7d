"""Folders for temporary files: removed at their end, and, after a kill, by whoever comes next.

Who makes a folder holds a lock on a file in it for as long as it lives; the kernel lets go of it
when the process ends, however it ends. So a folder whose lock can be had is nobody's any more. A
process id would not tell: it is given again, and in two containers it stands for two processes.
"""

import errno
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["is_disk_full", "scratch", "scratch_place"]

_PREFIX = "clicksession-scratch-"
_LOCK = ".clicksession-lock"
# What tempfile puts behind a prefix.
_MADE_BY_TEMPFILE = re.compile(rf"{_PREFIX}[a-z0-9_]{{8}}")

# No room on the device, none left of a quota, and a file larger than a process may write.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder for temporary files, below the usual one (``TMPDIR`` says another).

    Folders of this user's processes that are no more are removed first.
    """
    _clear(Path(tempfile.gettempdir()))
    folder, lock = _held_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def scratch_place() -> str:
    """Return what to call the place of temporary files in a message."""
    return f"the disk of the temporary files ({tempfile.gettempdir()}; TMPDIR says another folder)"


def is_disk_full(error: BaseException) -> bool:
    """Say whether an error of the operating system means that there is no more room."""
    return isinstance(error, OSError) and error.errno in _FULL


def _held_folder() -> tuple[Path, int]:
    """Make a folder and take its lock, before another process takes it for a left one."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        except FileNotFoundError:
            continue
        _lock(lock, wait=True)
        if _is_at(lock, folder / _LOCK):
            return folder, lock
        os.close(lock)


def _clear(place: Path) -> None:
    """Remove the folders that nobody holds; what cannot be looked at or locked stays."""
    try:
        with os.scandir(place) as entries:
            found = [Path(entry) for entry in entries if _MADE_BY_TEMPFILE.fullmatch(entry.name)]
    except OSError:
        return
    for folder in found:
        try:
            _clear_one(folder)
        except OSError:
            # Another user's, a network's that knows no locks, or one that is just going.
            continue


def _clear_one(folder: Path) -> None:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        # Nothing of ours, unless a process was killed before it made the lock: then it is empty.
        folder.rmdir()
        return
    try:
        is_mine = not hasattr(os, "getuid") or os.fstat(lock).st_uid == os.getuid()
        if is_mine and not folder.is_symlink() and _lock(lock, wait=False):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _lock(file: int, *, wait: bool) -> bool:
    """Take the lock of an open file, and say whether it was to be had.

    Where there are no such locks, nothing can be told to be left, and nothing is cleared.
    """
    if sys.platform == "win32":
        return wait
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return wait
    return True


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
