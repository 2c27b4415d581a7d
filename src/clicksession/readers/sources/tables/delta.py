"""Delta tables, by their log: the files that it adds and does not remove, less deleted rows.

The log is replayed by the package `deltalake`, on a copy of it where the table is in a store; the
files are read here, as all others are. So whatever opens a file opens a table.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa

from clicksession.errors import MissingExtraError, ReadError
from clicksession.readers.formats.parquet import parquet_rows
from clicksession.readers.sources.files import Source
from clicksession.readers.sources.tables.base import Rows, TableFile
from clicksession.readers.sources.tables.renaming import Fields, plain_field, renamed
from clicksession.scratch import scratch

__all__ = ["delta_files"]

# What a table may ask of its readers that is done here or by deltalake. Whatever else it asks, its
# rows could be misread.
_UNDERSTOOD = frozenset(
    {
        "columnMapping",
        "deletionVectors",
        "timestampNtz",
        "typeWidening",
        "typeWidening-preview",
        "v2Checkpoint",
        "vacuumProtocolCheck",
        # Of these, a column is refused by its type.
        "variantType",
        "variantType-preview",
    }
)
_VERSION = re.compile(r"_delta_log/(\d{20})\.")
_LAST_CHECKPOINT = "_delta_log/_last_checkpoint"
_WAY_OUT = (
    "Give what another tool reads from it, such as Spark: a frame, or files of its own that are "
    "no table."
)


def delta_files(table: Source) -> list[TableFile]:
    """Return the files of a Delta table; `files_of_table` says how."""
    if find_spec("deltalake") is None:
        raise MissingExtraError(f"reading the Delta table {table.name}", "deltalake", "delta")
    with _log_of(table) as folder, _explained(table):
        log = _opened(folder, table)
        fields = _fields(log, table)
        added = pa.table(log.get_add_actions())
        kept = _kept(log)
    if not kept.keys() <= {unquote(path.as_py()) for path in added["path"]}:
        # To go on would bring back what they delete.
        reason = "it deletes rows of files that it does not have"
        raise ReadError(table.name, reason, _WAY_OUT)
    files = []
    for row in range(added.num_rows):
        path = unquote(added["path"][row].as_py())
        source = table.elsewhere(path) if "://" in path else table.below(path)
        keep = kept.get(path)
        if keep is not None:
            digest = hashlib.sha256(np.packbits(keep).tobytes()).hexdigest()[:16]
            source = replace(source, mark=f"without {int((~keep).sum())} rows ({digest})")
        constants = _partition(added, row)
        files.append(TableFile(source, partial(_rows, source, keep, fields), constants))
    return sorted(files, key=lambda file: file.source.name)


@contextmanager
def _log_of(table: Source) -> Iterator[Path]:
    """Give a folder on this machine that holds the log, and what says which rows were deleted."""
    # deltalake takes %20 in a path for a blank.
    if table.local_path is not None and "%" not in os.path.realpath(table.local_path):
        yield Path(table.local_path)
        return
    with scratch() as copy:
        first = _checkpoint(table)
        for path in table.files():
            version = _VERSION.match(path)
            is_log = path.startswith("_delta_log/") if version is None else int(version[1]) >= first
            if is_log or path.rpartition("/")[2].startswith("deletion_vector_"):
                target = copy / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with table.below(path).stream() as file, target.open("wb") as written:
                    shutil.copyfileobj(file, written)
        yield copy


def _checkpoint(table: Source) -> int:
    """Return the version before which nothing of the log is needed: a checkpoint sums it up."""
    if _LAST_CHECKPOINT not in table.files():
        return 0
    with table.below(_LAST_CHECKPOINT).stream() as file:
        try:
            return int(json.load(file)["version"])
        except (ValueError, KeyError, TypeError):
            return 0


@contextmanager
def _explained(table: Source) -> Iterator[None]:
    from deltalake.exceptions import DeltaError

    try:
        yield
    except ReadError:
        raise
    except (DeltaError, pa.ArrowException, OSError, ValueError) as error:
        reason = f"its log cannot be read ({str(error).partition(chr(10))[0]})"
        raise ReadError(table.name, reason, f"Is the table whole? If it is: {_WAY_OUT}") from None


def _opened(folder: Path, table: Source) -> Any:
    from deltalake import DeltaTable

    log = DeltaTable(str(folder))
    asked = set(log.protocol().reader_features or ()) - _UNDERSTOOD
    if asked:
        reason = f"it asks its readers for {', '.join(sorted(asked))}, which is not known here"
        raise ReadError(table.name, reason, _WAY_OUT)
    return log


def _fields(log: Any, table: Source) -> Fields:
    """Return the columns that stand in the files, with the names that they have there."""
    fields = json.loads(log.schema().to_json())["fields"]
    mapping = _mapping(log)
    if mapping not in ("none", "name"):
        reason = f"its columns are told by {mapping}, and not by name"
        raise ReadError(table.name, reason, _WAY_OUT)
    for field in fields:
        if "variant" in json.dumps(field["type"]):
            reason = f"its column {field['name']!r} holds values of any type (variant)"
            raise ReadError(table.name, reason, _WAY_OUT)
    partitions = set(log.metadata().partition_columns)
    named = [field for field in fields if field["name"] not in partitions]
    return named if mapping == "name" else list(map(plain_field, named))


def _mapping(log: Any) -> str:
    """Return how columns are found in files; what is configured counts where it is in force."""
    protocol = log.protocol()
    features = protocol.reader_features or ()
    if protocol.min_reader_version == 2 or "columnMapping" in features:
        return str(log.metadata().configuration.get("delta.columnMapping.mode", "none"))
    return "none"


def _kept(log: Any) -> dict[str, Any]:
    """Return, for each file of which rows were deleted, which rows were not."""
    base = f"{unquote(log.table_uri).rstrip('/')}/"
    found: dict[str, Any] = {}
    for batch in pa.RecordBatchReader.from_stream(log.deletion_vectors()):
        for address, keep in zip(batch["filepath"], batch["selection_vector"], strict=True):
            path = unquote(address.as_py())
            found[path.removeprefix(base)] = np.asarray(keep.values).astype(bool)
    return found


def _partition(added: pa.Table, row: int) -> dict[str, pa.Scalar]:
    if "partition" not in added.column_names:
        return {}
    column = added["partition"]
    names = [field.name for field in column.type]
    return {name: pa.compute.struct_field(column, [name])[row] for name in names}


def _rows(source: Source, keep: Any, fields: Fields) -> Iterator[Rows]:
    number = 0
    with source.stream() as file:
        for rows in parquet_rows(file, source.name):
            numbers = np.arange(number, number + rows.num_rows)
            number += rows.num_rows
            rows = renamed(rows, fields, source.name)
            if keep is not None:
                # A mask may end at the last row that was deleted.
                mask = np.ones(len(numbers), dtype=bool)
                part = keep[numbers[0] : numbers[-1] + 1] if len(numbers) else keep[:0]
                mask[: len(part)] = part
                rows, numbers = rows.filter(pa.array(mask)), numbers[mask]
            yield rows, (numbers + 1).tolist()
