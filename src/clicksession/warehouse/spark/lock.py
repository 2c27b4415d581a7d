"""One write at a time: a file that says who is at work."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clicksession.errors import TargetBusyError
from clicksession.warehouse.spark.files import Folder

__all__ = ["locked"]

_HELD: set[str] = set()


@contextmanager
def locked(file: Folder) -> Iterator[None]:
    """Hold a file while a write is at work; that of a process that is dead is taken over.

    Raises
    ------
    TargetBusyError
        Another write is at work, or one on another machine did not end.
    """
    mine = {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "application": file.session.sparkContext.applicationId,
    }
    if not file.create(mine):
        holder = file.read() or {}
        if not _is_dead(holder, file.path):
            raise _busy(file.path, holder)
        file.delete()
        if not file.create(mine):
            raise _busy(file.path, file.read() or {})
    _HELD.add(file.path)
    try:
        yield
    finally:
        _HELD.discard(file.path)
        file.delete()


def _is_dead(holder: dict[str, Any], path: str) -> bool:
    """Say whether the process is known to be gone: of another machine nothing is known."""
    if holder.get("host") != socket.gethostname():
        return False
    pid = int(holder["pid"])
    if pid == os.getpid():
        return path not in _HELD
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _busy(path: str, holder: dict[str, Any]) -> TargetBusyError:
    who = " ".join(f"{name} {value}" for name, value in holder.items()) or "nobody knows which"
    hint = f"Run it again later. If that write is dead, delete {path} first."
    return TargetBusyError("events", f"another write is at work ({who})", hint)
