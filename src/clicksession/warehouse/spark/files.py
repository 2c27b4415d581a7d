"""The file system that a Spark session reaches, by Hadoop's own interface."""

import json
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from clicksession.errors import ParameterError

__all__ = ["Folder", "folder_of"]


@dataclass(frozen=True)
class Folder:
    """A folder, wherever Hadoop's file systems reach."""

    session: SparkSession
    path: str

    def __truediv__(self, name: str) -> "Folder":
        return Folder(self.session, f"{self.path.rstrip('/')}/{name}")

    def exists(self) -> bool:
        """Say whether something is there."""
        return bool(self._system.exists(self._path))

    def holds(self, pattern: str) -> bool:
        """Say whether something in it has such a name."""
        found = self._system.globStatus((self / pattern)._path)
        return found is not None and len(found) > 0

    def delete(self) -> None:
        """Remove it with all that it holds."""
        self._system.delete(self._path, True)

    def create(self, content: dict[str, Any]) -> bool:
        """Write a file of JSON, unless one is there already; say whether it was written."""
        try:
            stream = self._system.create(self._path, False)
        except Py4JJavaError:
            if self.exists():
                return False
            raise
        stream.write(bytearray(json.dumps(content).encode()))
        stream.close()
        return True

    def read(self) -> dict[str, Any] | None:
        """Return what `create` wrote; None where there is no such file, or an empty one."""
        if not self.exists():
            return None
        stream = self._system.open(self._path)
        text = self._jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8")
        stream.close()
        found: dict[str, Any] | None = json.loads(text) if text else None
        return found

    @property
    def _jvm(self) -> Any:
        return self.session._jvm

    @property
    def _path(self) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(self.path)

    @property
    def _system(self) -> Any:
        return self._path.getFileSystem(self.session._jsc.hadoopConfiguration())


def folder_of(session: SparkSession, path: str) -> Folder:
    """Return a folder of a session.

    Raises
    ------
    ParameterError
        A session of Spark Connect, which has no file system to ask.
    """
    if not hasattr(session, "_jsc"):
        must = "of a session that runs in the driver's process, for files of Parquet"
        hint = "Spark Connect reaches no file system: write tables of Iceberg there."
        raise ParameterError("warehouse.write_spark", "frame", must, "Spark Connect", hint)
    return Folder(session, path)
