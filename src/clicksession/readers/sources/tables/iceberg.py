"""Iceberg tables, by their metadata: the files of the current snapshot, less deleted rows.

The package `pyiceberg` reads; what it opens, it opens through this library's own files.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import Any

import pyarrow as pa

from clicksession.errors import BadRowError, MissingExtraError, ReadError, SourceNotFoundError
from clicksession.readers.sources.files import Source
from clicksession.readers.sources.tables.base import Rows, TableFile

__all__ = ["iceberg_files"]

# 00003-uuid.metadata.json of catalogs, and v3.metadata.json of tables that are only files.
_METADATA = re.compile(r"metadata/(?:v(\d+)|(\d+)-[^/]*?)(?:\.gz)?\.metadata\.json(?:\.gz)?")
_HINT = "metadata/version-hint.text"
_MOVED = "It cannot be read where it was copied to: its metadata holds whole addresses."
_WAY_OUT = (
    "Have its writer rewrite the files (rewrite_data_files), or give what another tool reads from "
    "it, such as a frame of Spark."
)


def iceberg_files(table: Source) -> list[TableFile]:
    """Return the files of an Iceberg table; `files_of_table` says how."""
    if find_spec("pyiceberg") is None:
        raise MissingExtraError(f"reading the Iceberg table {table.name}", "pyiceberg", "iceberg")
    from clicksession.readers.sources.tables.iceberg_files import opened_table

    is_metadata = table.path.endswith((".metadata.json", ".metadata.json.gz"))
    metadata = table if is_metadata else table.below(_current(table))
    try:
        opened = opened_table(metadata)
        tasks = sorted(opened.scan().plan_files(), key=lambda task: task.file.file_path)
    except SourceNotFoundError as error:
        reason = f"its metadata names {error.source}, and there is no such file"
        raise ReadError(table.name, reason, _MOVED) from None
    except ReadError:
        raise
    except Exception as error:  # noqa: BLE001  (pyiceberg has no tree of its own for these)
        reason = f"its metadata cannot be read ({_first_line(error)})"
        raise ReadError(table.name, reason, _WAY_OUT) from None
    return [_file(metadata, opened, task) for task in tasks]


def _current(table: Source) -> str:
    """Return the metadata that is the latest, by its path in the table.

    Raises
    ------
    ReadError
        There are two of one version: only a catalog knows which of them counts.
    """
    versions: dict[int, list[str]] = {}
    for path in table.files():
        found = _METADATA.fullmatch(path)
        if found:
            versions.setdefault(int(found[1] or found[2]), []).append(path)
    if not versions:
        reason = "there is no metadata of a version in it"
        raise ReadError(table.name, reason, "Give the current file, ….metadata.json, instead.")
    latest = versions[_from_hint(table, versions) or max(versions)]
    if len(latest) > 1:
        reason = f"{' and '.join(latest)} are of one version, and only a catalog knows which counts"
        raise ReadError(table.name, reason, "Give that file itself as the source.")
    return latest[0]


def _from_hint(table: Source, versions: dict[int, list[str]]) -> int | None:
    """Return the version that the hint leads to: it may lag behind, as it is written last."""
    if _HINT not in table.files():
        return None
    with table.below(_HINT).stream() as file:
        text = file.read(100).decode("utf-8", "replace").strip()
    version = int(text) if text.isdecimal() else None
    while version is not None and version + 1 in versions:
        version += 1
    return version if version in versions else None


def _file(metadata: Source, table: Any, task: Any) -> TableFile:
    source = metadata.elsewhere(task.file.file_path)
    deletes = sorted(file.file_path for file in task.delete_files)
    if deletes:
        digest = hashlib.sha256("\n".join(deletes).encode()).hexdigest()[:16]
        source = replace(source, mark=f"without rows ({digest})")
    return TableFile(source, partial(_rows, source, table, task))


def _rows(source: Source, table: Any, task: Any) -> Iterator[Rows]:
    """Yield the rows of a file, which is held in memory: so pyiceberg reads it."""
    from pyiceberg.expressions import AlwaysTrue
    from pyiceberg.io.pyarrow import ArrowScan

    scan = ArrowScan(table.metadata, table.io, table.scan().projection(), AlwaysTrue())
    number = 1
    try:
        for batch in scan.to_record_batches([task]):
            yield pa.Table.from_batches([batch]), range(number, number + batch.num_rows)
            number += batch.num_rows
    except (ReadError, GeneratorExit):
        raise
    except Exception as error:  # noqa: BLE001  (as above)
        place = f"row {number}" if number > 1 else ""
        raise BadRowError(source.name, _first_line(error), "Is it whole?", place) from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
