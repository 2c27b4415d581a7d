"""Tables that are folders of Parquet files, a folder for each bucket.

Spark replaces folders one by one: it removes the old one, and moves the new one to its place.
Killed between the two, a bucket is gone. So what is to be put in place is written beside the table
first, as a whole; the next write begins by doing again what the last one has left there.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from clicksession.errors import TargetBusyError, WriteError
from clicksession.warehouse.spark.files import Folder
from clicksession.warehouse.spark.steps import BUCKET
from clicksession.warehouse.spark.stored import Settings, Stored

__all__ = ["Parquet", "locked"]

# The locks that this process holds.
_HELD: set[str] = set()


@dataclass(frozen=True)
class Parquet(Stored):
    """Two folders in one, and beside them one of ours, which readers do not see."""

    root: Folder

    def alone(self) -> AbstractContextManager[None]:
        """Hold a file."""
        return locked(self._own / "lock")

    def settings(self) -> Settings | None:
        """Ask a file beside the tables."""
        found = self._settings.read()
        if found is None and self._events.exists():
            reason = "the folder holds files that this library did not write"
            raise WriteError(self._events.path, reason, "Give a folder of its own.")
        return found

    def remember(self, settings: Settings) -> None:
        """Write that file, unless it is there; one is empty where its write was killed."""
        if self._settings.read() is None:
            self._settings.delete()
            self._settings.create(settings)

    def recover(self) -> None:
        """Put in place what was written beside the table as a whole, and forget what was not."""
        if self._complete.exists():
            self._put(self._read(self._staged), self._events)
        self._forget()

    def events(self) -> DataFrame | None:
        """Read the folder."""
        return self._table(self._events)

    def sessions(self) -> DataFrame | None:
        """Read the folder."""
        return self._table(self._sessions)

    def replace_events(self, buckets: DataFrame) -> None:
        """Write them beside the table, then into it."""
        buckets.write.partitionBy(BUCKET).parquet(self._staged.path)
        self.recover()

    def replace_sessions(self, buckets: DataFrame) -> None:
        """Write them at once: where that is cut short, the next write sees it, by the marks."""
        self._put(buckets, self._sessions)

    def _put(self, buckets: DataFrame, table: Folder) -> None:
        # The option is this write's alone: the session's setting stays as it is.
        whole = buckets.repartition(BUCKET).write.option("partitionOverwriteMode", "dynamic")
        whole.mode("overwrite").partitionBy(BUCKET).parquet(table.path)

    def _forget(self) -> None:
        """Remove what is beside the table; first what says that it is whole."""
        self._complete.delete()
        self._staged.delete()

    def _table(self, folder: Folder) -> DataFrame | None:
        # Where a write was killed, the folder may be there with none of its buckets.
        return self._read(folder) if folder.holds(f"{BUCKET}=*") else None

    def _read(self, folder: Folder) -> DataFrame:
        # A column that came later is not in the files of each bucket.
        return self.root.session.read.option("mergeSchema", "true").parquet(folder.path)

    @property
    def _events(self) -> Folder:
        return self.root / "events"

    @property
    def _sessions(self) -> Folder:
        return self.root / "sessions"

    @property
    def _own(self) -> Folder:
        return self.root / "_clicksession"

    @property
    def _settings(self) -> Folder:
        return self._own / "settings.json"

    @property
    def _staged(self) -> Folder:
        return self._own / "staged"

    @property
    def _complete(self) -> Folder:
        # Spark writes it when all else of a job is written.
        return self._staged / "_SUCCESS"


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
