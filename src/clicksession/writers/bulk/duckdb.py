"""DuckDB reads Arrow tables where they are."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, Select, Table, column, insert, quoted_name, select
from sqlalchemy import table as table_named
from sqlalchemy.exc import DBAPIError

from clicksession.writers.bulk.rows import Busy, RowLoader, naive_in_utc

__all__ = ["DuckDBLoader"]

# One per file; threads of one process share its connections to the file.
_locks: defaultdict[str, Lock] = defaultdict(Lock)

_PROCESS = re.compile(r"PID \d+")
_REGISTERED = "clicksession_registered"
_FULL = ("No space left on device", "Disk quota exceeded", "File too large")

# In bytes: with less for each thread, DuckDB cannot do its work.
_LEAST_MEMORY = 512 * 2**20
_MEMORY_PER_THREAD = 128 * 2**20
_SETTINGS = """
    SELECT current_setting('memory_limit'),
        parse_formatted_bytes(current_setting('memory_limit')), current_setting('threads'),
        current_setting('temp_directory')
"""

# As many as DuckDB keeps together. Of smaller batches it makes smaller groups of rows, and
# compresses all of them again when the file is closed: a third of the time, and half as much room.
_ROWS_PER_BATCH = 122_880


class DuckDBLoader(RowLoader):
    """Loads by ``INSERT … SELECT`` from a registered Arrow table."""

    wants_indexes = False
    takes_streams = True

    @contextmanager
    def alone(self, connection: Connection, table: Table, *, wait: bool) -> Iterator[None]:
        """Wait for other threads: a file has one process that writes, which connecting settles."""
        lock = _locks[str(connection.engine.url.database)]
        if not lock.acquire(blocking=wait):
            raise Busy
        try:
            # A snapshot that began before the lock would not see what the other writer wrote.
            connection.rollback()
            with self._bounded(connection):
                yield
        finally:
            lock.release()

    @contextmanager
    def _bounded(self, connection: Connection) -> Iterator[None]:
        """Keep DuckDB's buffers small, if it is here for this alone: the rest goes to disk.

        The setting is one of all connections of this process to the file, and so is put back.
        """
        if not self.bounds_memory:
            yield
            return
        # Another connection: this one may be in a transaction that has failed.
        driver: Any = connection.connection.driver_connection
        with driver.duplicate() as settings:
            before = settings.execute(_SETTINGS).fetchall()[0]
            limit = min(int(before[1]), max(_LEAST_MEMORY, int(before[2]) * _MEMORY_PER_THREAD))
            # Into what a program prints, if a statement takes long; the setting says that it is off
            # where it is not. A notebook without ipywidgets has none, and DuckDB refuses to set it.
            with suppress(duckdb.Error):
                driver.execute("SET enable_progress_bar = false")
            _clear(Path(before[3]), Path(f"{connection.engine.url.database}.tmp"))
            settings.execute(f"SET memory_limit = '{limit} bytes'")
            try:
                yield
                # As closing the file would, with all the memory that there is.
                with suppress(Exception):
                    settings.execute("CHECKPOINT")
            finally:
                settings.execute(f"SET memory_limit = '{before[0]}'")

    def holder(self, error: DBAPIError) -> str:
        """Another process has the file open: one alone can, if it writes."""
        message = str(error.orig)
        if "Could not set lock on file" not in message:
            return ""
        number = _PROCESS.search(message)
        return f"another process has the file open{f' ({number.group()})' if number else ''}"

    def advice(self, error: DBAPIError) -> str:
        """Say what a second way of opening a file within one process ends in."""
        if "different configuration" not in str(error.orig):
            return ""
        return (
            "This process has the file open in another way, as by duckdb.connect() or an iterator "
            "of load_events() that has not come to its end: close that connection first."
        )

    def full(self, error: DBAPIError) -> str:
        """Say so by the system's words; which disk it is, by the file that is named."""
        message = str(error.orig)
        if "max_temp_directory_size" in message:
            return "the room that DuckDB has for temporary files"
        if not any(words in message for words in _FULL):
            return ""
        whose = "DuckDB's temporary files" if "duckdb_temp" in message else "the database"
        return f"the disk of {whose}"

    def load(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows by scanning the Arrow table."""
        if rows.num_rows:
            # A cast from a zone would go by the local one.
            _insert(connection, table, naive_in_utc(rows))

    def load_stream(
        self,
        connection: Connection,
        table: Table,
        schema: pa.Schema,
        parts: Iterator[pa.Table],
        *,
        is_fresh: bool = False,
    ) -> None:
        """Insert rows as DuckDB asks for them."""
        failures: list[BaseException] = []
        naive = naive_in_utc(schema.empty_table()).schema
        reader = pa.RecordBatchReader.from_batches(naive, _batches(parts, failures))
        try:
            _insert(connection, table, reader)
        except DBAPIError:
            if not failures:
                raise
        if failures:
            # What DuckDB says of it is in other words, and of a type of its own.
            raise failures[0]

    def fetch(self, connection: Connection, statement: Select[Any], schema: pa.Schema) -> pa.Table:
        """Return the rows of a statement as Arrow, without making Python objects of them."""
        compiled = statement.compile(dialect=connection.dialect)
        values = [compiled.params[name] for name in compiled.positiontup or ()]
        driver: Any = connection.connection.driver_connection
        found = driver.sql(str(compiled), params=values).to_arrow_table()
        columns = [part.cast(field.type) for part, field in zip(found.columns, schema, strict=True)]
        return pa.table(columns, schema=schema)

    def stream(
        self, connection: Connection, statement: Select[Any], schema: pa.Schema, rows: int
    ) -> Iterator[pa.Table]:
        """Yield Arrow tables as DuckDB makes them."""
        # With values in the text: a list of them has as many parameters as it is long.
        compiled = statement.compile(
            dialect=connection.dialect, compile_kwargs={"literal_binds": True}
        )
        driver: Any = connection.connection.driver_connection
        for batch in driver.sql(str(compiled)).to_arrow_reader(rows):
            yield pa.Table.from_batches([batch]).cast(schema)


def _insert(connection: Connection, table: Table, rows: pa.Table | pa.RecordBatchReader) -> None:
    driver: Any = connection.connection.driver_connection
    driver.register(_REGISTERED, rows)
    try:
        names: list[ColumnElement[Any]] = [
            column(quoted_name(name, quote=True)) for name in rows.schema.names
        ]
        source = select(*names).select_from(table_named(_REGISTERED))
        connection.execute(insert(table).from_select(rows.schema.names, source))
    except BaseException:
        # In a transaction that has failed, this fails too, and would hide why.
        with suppress(Exception):
            driver.unregister(_REGISTERED)
        raise
    driver.unregister(_REGISTERED)


def _clear(place: Path, own: Path) -> None:
    """Remove what a killed process left in the folder of temporary files beside a file.

    Who has the file open to write has it alone: all that is there and not from here is left. DuckDB
    would clear it as well, when it next needs the folder.
    """
    if place != own:
        return
    for path in place.glob("duckdb_temp_*"):
        if not path.name.startswith(f"duckdb_temp_{os.getpid()}_"):
            with suppress(OSError):
                path.unlink()
    with suppress(OSError):
        place.rmdir()


def _batches(parts: Iterator[pa.Table], failures: list[BaseException]) -> Iterator[pa.RecordBatch]:
    """Yield the batches of tables; an error is kept beside, since DuckDB would not hand it on."""
    try:
        yield from _evenly(map(naive_in_utc, parts))
    except BaseException as error:
        failures.append(error)
        raise


def _evenly(parts: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of tables in batches of one size, but for the last."""
    waiting: list[pa.Table] = []
    count = 0
    for rows in parts:
        waiting.append(rows)
        count += rows.num_rows
        del rows
        while count >= _ROWS_PER_BATCH:
            together = pa.concat_tables(waiting)
            waiting, count = [together.slice(_ROWS_PER_BATCH)], count - _ROWS_PER_BATCH
            yield from together.slice(0, _ROWS_PER_BATCH).combine_chunks().to_batches()
    yield from pa.concat_tables(waiting).combine_chunks().to_batches() if waiting else ()
