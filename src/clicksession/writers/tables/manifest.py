"""What a target remembers of how it came to be: the runs, the files, the changes.

A target is made by one set of rules. They stand in every run's row, and a write
with other rules is refused, since its sessions would be of two kinds.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Select,
    and_,
    delete,
    insert,
    select,
)

from clicksession.errors import RulesChangedError
from clicksession.quality.fitting import short_id
from clicksession.readers.rows.duplicates.keys import EVENT_ID, RowKey, as_said
from clicksession.rules import Rules
from clicksession.schema import EventSchema
from clicksession.secrets import asked_of, without_secrets
from clicksession.sql.dialects import spelling
from clicksession.sql.tables import Instant, Key, Tables, Words
from clicksession.writers.bulk.alter import AddColumn
from clicksession.writers.bulk.rows import RowLoader
from clicksession.writers.report import RECORDED, WriteReport
from clicksession.writers.tables.mapping import Mapping

__all__ = ["FilePart", "FileRecord", "Manifest"]

# What one statement looks for.
_NAMES = 500


@dataclass(frozen=True)
class FileRecord:
    """One file, as the store describes it: a file with the same three is the same file.

    Attributes
    ----------
    name
        What tells it from any other: its whole path, or its address, without any secret.
    size
        In bytes, or -1 where the store does not say.
    version
        What changes when the content does: an etag, a checksum, or the time of the last change;
        empty where the store says none of them, and then the file is read every time.
    """

    name: str
    size: int
    version: str


@dataclass(frozen=True)
class FilePart:
    """Some consecutive rows of a frame: which file they came from, and what part of it they are."""

    file: FileRecord
    rows: int
    is_last: bool
    is_first: bool = True


class Manifest:
    """The bookkeeping tables of a target, within the caller's transaction."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self._connection = connection
        self._tables = tables
        self.runs = tables.table(
            "clicksession_runs",
            Column("run_id", BigInteger(), nullable=False, autoincrement=False),
            Column("written_at", Instant(), nullable=False),
            Column("library_version", Words(), nullable=False),
            Column("rules", Words(), nullable=False),
            Column("event_schema", Words()),
            *(Column(name, BigInteger()) for name in RECORDED),
            Column("duplicates_key", Words()),
        )
        self.files = tables.table(
            "clicksession_files",
            Column("name", Key(), nullable=False),
            Column("size", BigInteger(), nullable=False),
            Column("version", Words(), nullable=False),
            Column("row_count", BigInteger(), nullable=False),
            Column("duplicates", BigInteger(), nullable=False),
            Column("state", Words(), nullable=False),
            Column("run_id", BigInteger(), nullable=False),
        )

    def create(self) -> None:
        """Create the tables where they are not there."""
        for table in (self.runs, self.files):
            if not self._tables.holds(self._connection, table):
                table.create(self._connection)
        there = self._columns_of_runs()
        for column in self.runs.c:
            if column.name not in there:
                # Made by an earlier version.
                self._connection.execute(AddColumn(self.runs, column))

    def _columns_of_runs(self) -> Collection[str]:
        return spelling(self._connection.dialect.name).columns(self._connection, self.runs) or ()

    def check(self, rules: Rules, schema: EventSchema | None, key: RowKey | None = None) -> None:
        """Refuse rules, a schema or a key of duplicates other than those that made the target.

        Raises
        ------
        RulesChangedError
            They differ; the message says how to rebuild.
        """
        last = self._last_run()
        if last is None:
            return
        made_by = Rules.from_json(last.rules)
        if made_by != rules:
            raise RulesChangedError(
                self._tables.table("sessions").name,
                f"its sessions were cut by other rules: {made_by} Now: {rules}".rstrip("."),
                "Give the same rules, or cut all stored events anew: run(…, rebuild=True), or "
                "SQLWriter.rebuild().",
            )
        used = self.schema()
        if schema is not None and used is not None and used != schema:
            raise RulesChangedError(
                self._tables.events.name,
                f"its events came by another schema: {used}",
                self._for_another(used, schema),
            )
        if key is not None:
            self.check_key(key)

    def check_key(self, key: RowKey) -> None:
        """Refuse a key of duplicates other than the one that made the target.

        Raises
        ------
        RulesChangedError
            It differs.
        """
        if self._last_run() is not None and key != self.key():
            raise RulesChangedError(
                self._tables.events.name,
                f"its events were told apart by drop_duplicates={as_said(self.key())}, "
                f"and not by {as_said(key)}",
                "Give run the same drop_duplicates, or read the files into other tables: "
                "run(…, tables=Tables(prefix=…)).",
            )

    def _for_another(self, used: EventSchema, schema: EventSchema) -> str:
        """Return what to do for another schema: stored events do not tell what all would say."""
        events = self._tables.events
        there = spelling(self._connection.dialect.name).columns(self._connection, events) or ()
        again = "read the files into other tables: run(…, tables=Tables(prefix=…))."
        try:
            Mapping(events.name, used, schema, tuple(there)).require()
        except RulesChangedError as error:
            return f"{error.reason[:1].upper()}{error.reason[1:]}. Give the same schema, or {again}"
        if self.key() != EVENT_ID:
            return f"Give the same schema, or {again}"
        return (
            "Give the same schema, or map all stored events anew: run(…, rebuild=True), or "
            "SQLWriter.rebuild(schema)."
        )

    def key(self) -> RowKey:
        """Return what makes two rows one event."""
        if "duplicates_key" not in self._columns_of_runs():
            return EVENT_ID
        runs = self.runs
        said = select(runs.c.duplicates_key).where(runs.c.duplicates_key.is_not(None)).limit(1)
        row = self._only(said.order_by(runs.c.run_id.desc()))
        return EVENT_ID if row is None else row.duplicates_key

    def record_run(
        self,
        rules: Rules,
        schema: EventSchema | None,
        report: WriteReport,
        key: RowKey | None = None,
    ) -> int:
        """Add a row for a write, and return its number."""
        last = self._last_run()
        number = 1 if last is None else last.run_id + 1
        values = {name: getattr(report, name) for name in RECORDED} | {"duplicates_key": key}
        there = self._columns_of_runs()
        self._connection.execute(
            insert(self.runs).values(
                run_id=number,
                written_at=datetime.now(UTC),
                library_version=version("clicksession"),
                rules=rules.to_json(),
                event_schema=schema and schema.to_json(),
                **{name: value for name, value in values.items() if name in there},
            )
        )
        return number

    def known_files(self) -> set[FileRecord]:
        """Return the files that were read to their end and need not be read again."""
        if not self._tables.holds(self._connection, self.files):
            return set()
        done = select(self.files).where(self.files.c.state == "done")
        found = self._connection.execute(done)
        return {FileRecord(row.name, row.size, row.version) for row in found if row.version}

    def record_parts(
        self, parts: Sequence[FilePart], added: Sequence[int], run: int, loader: RowLoader
    ) -> None:
        """Count parts of files towards their rows, given how many events each has added."""
        known = {row.name: row._asdict() for row in self._rows_of([p.file.name for p in parts])}
        rows = dict(known)
        for part, count in zip(parts, added, strict=True):
            name, before = part.file.name, rows.get(part.file.name)
            goes_on = before and before["state"] == "partly" and not part.is_first
            read, duplicates = (
                (before["row_count"], before["duplicates"]) if before and goes_on else (0, 0)
            )
            rows[name] = {
                "name": name,
                "size": part.file.size,
                "version": part.file.version,
                "row_count": read + part.rows,
                "duplicates": duplicates + part.rows - count,
                "state": "done" if part.is_last else "partly",
                "run_id": run,
            }
        for names in _in_parts(list(known)):
            self._connection.execute(delete(self.files).where(self.files.c.name.in_(names)))
        if rows:
            loader.load(self._connection, self.files, pa.Table.from_pylist(list(rows.values())))

    def _rows_of(self, names: Sequence[str]) -> Iterator[Any]:
        for part in _in_parts(names):
            yield from self._connection.execute(
                select(self.files).where(self.files.c.name.in_(part))
            ).all()

    def forget_file(self, name: str) -> None:
        """Drop the row of a file, and have those read again that may hold some of its events."""
        files = self.files
        names = [known for each in _recorded_as(name) for known in (each, short_id(each))]
        self._connection.execute(delete(files).where(files.c.name.in_(names)))
        shared = and_(files.c.duplicates > 0, files.c.state == "done")
        self._connection.execute(files.update().where(shared).values(state="again"))

    def _last_run(self) -> Any:
        runs = self.runs
        latest = select(runs.c.run_id, runs.c.rules).order_by(runs.c.run_id.desc()).limit(1)
        return self._only(latest)

    def schema(self) -> EventSchema | None:
        """Return the schema that the events came by, or None where none was said."""
        runs = self.runs
        latest = (
            select(runs.c.event_schema)
            .where(runs.c.event_schema.is_not(None))
            .order_by(runs.c.run_id.desc())
            .limit(1)
        )
        row = self._only(latest)
        return None if row is None else EventSchema.from_json(row.event_schema)

    def _only(self, statement: Select[Any]) -> Any:
        """Return the one row, or None, with the result read to its end, as DuckDB wants it."""
        rows = self._connection.execute(statement).all()
        return rows[0] if rows else None


def _in_parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield names, so many at a time that a statement can hold them."""
    return (names[start : start + _NAMES] for start in range(0, len(names), _NAMES))


def _recorded_as(name: str) -> tuple[str, ...]:
    """Return how a file may be recorded that a user calls so; targets of before knew its name."""
    if "://" not in name:
        return name, os.path.abspath(name)
    shown, asked = without_secrets(name), asked_of(name)
    return (f"{shown} {asked}",) if asked else (shown,)
