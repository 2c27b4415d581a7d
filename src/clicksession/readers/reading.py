"""One reading: from sources to tables of events, with an account of every row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.errors import BadRowError, SchemaError, did_you_mean
from clicksession.quality import content_ids
from clicksession.readers.ahead import Ahead, AheadStream
from clicksession.readers.base import BadRow, Batch, Reason
from clicksession.readers.duplicates import Seen
from clicksession.readers.feeds import EventSource, Feed, feeds_of, reads_ahead
from clicksession.readers.frames import to_pandas
from clicksession.readers.naming import named
from clicksession.readers.options import Options
from clicksession.readers.records import stands_for_rows
from clicksession.readers.times import as_instants
from clicksession.readers.unify import first_present, kind_of
from clicksession.readers.unpack import unpacked
from clicksession.schema import CANONICAL, REQUIRED, column_name

__all__ = ["Reading"]

Flags = npt.NDArray[np.bool_]

_HINT = 'Repair or remove it, or set it aside with on_error="quarantine".'
_HINTS: dict[str, str] = {
    Reason.BAD_TIME: "Times are ISO 8601 (2024-05-01T10:00:00Z) or counts since 1970.",
    Reason.FUTURE_TIME: "latest=… moves the bound; time_unit=… says what a number counts.",
    Reason.NOT_JSON: f'{_HINT} A file that is no JSON needs format="csv" or another.',
    Reason.TOO_LONG: "max_row_bytes=… takes longer ones.",
    Reason.TRUNCATED: "Is the file whole?",
}


@dataclass
class Reading:
    """Sources, what is asked of them, and what has been seen in them so far."""

    feeds: Sequence[Feed]
    options: Options
    seen: Seen = field(default_factory=Seen)
    kinds: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        source: EventSource,
        storage_options: Mapping[str, object] | None,
        options: Options,
        who: str,
    ) -> "Reading":
        """Return a reading of whatever the user gave as source."""
        return cls(feeds_of(source, storage_options, who), options)

    def tables(self) -> Iterator[pa.Table]:
        """Yield the events of all sources."""
        return (table for _, table in self.by_source() if table is not None)

    def by_source(self) -> Iterator[tuple[Feed, pa.Table | None]]:
        """Yield the events of each source with that source, and at its end the source alone."""
        ahead = [feed for feed in self.feeds if reads_ahead(feed, self.options)]
        with Ahead([feed.opened for feed in ahead]) as streams:
            for feed in self.feeds:
                number = next((i for i, other in enumerate(ahead) if other is feed), None)
                stream = None if number is None else streams.stream(number)
                for table in self._events(feed, stream):
                    yield feed, table
                yield feed, None

    def _events(self, feed: Feed, stream: AheadStream | None) -> Iterator[pa.Table]:
        events = _Events(feed, self)
        try:
            for batch in feed.batches(stream, self.options):
                table = events.of(batch)
                self.options.report.check()
                if table.num_rows:
                    yield table
            events.end(stream)
        except BadRowError as error:
            if self.options.on_error == "raise":
                raise
            events.give_up(error)
        self.options.report.check()
        events.check_columns()


class _Events:
    """Makes events of the batches of one source, and keeps account."""

    def __init__(self, feed: Feed, reading: Reading) -> None:
        self._feed = feed
        self._reading = reading
        self._options = reading.options
        self._schema = reading.options.schema
        self._report = reading.options.report
        self._columns: set[str] = set()
        self._cut_short = False

    def of(self, batch: Batch) -> pa.Table:
        """Return the events of a batch in canonical columns."""
        batch = unpacked(batch, self._feed.name, self._schema)
        rows = batch.rows
        if rows.num_rows:
            self._columns.update(rows.column_names)
        columns = {name: self._mapped(rows, name) for name in CANONICAL}
        times, refused = self._times(batch, cast(pa.ChunkedArray, columns["timestamp"]))
        bad = np.zeros(rows.num_rows, dtype=bool)
        bad[list(refused)] = True
        self._report.rows_read += rows.num_rows + len(batch.refused)
        self._refuse([*batch.refused, *refused.values()])
        columns["timestamp"] = times
        kept = {name: column for name, column in columns.items() if column is not None}
        used = {path for name in CANONICAL for path in self._schema.paths(name)}
        used.difference_update(self._schema.keep)
        others = (path for path in rows.column_names if path not in used)
        kept |= named((path, rows[path]) for path in others if not stands_for_rows(rows, path))
        self._note_types(batch, kept, used)
        table = self._wanted(pa.table(kept), bad)
        self._report.rows_out += table.num_rows
        return table

    def end(self, stream: AheadStream | None) -> None:
        """Account for a source that ended before its end."""
        if stream is not None and stream.damage and not self._cut_short:
            self._refuse_rest(Reason.TRUNCATED, stream.damage, "at its end")

    def give_up(self, error: BadRowError) -> None:
        """Account for a source that cannot be read any further."""
        self._refuse_rest(Reason.UNREADABLE, error.reason, error.place)

    def check_columns(self) -> None:
        """Refuse a source that had rows, but none with a column that must be there."""
        for name in CANONICAL:
            paths = self._schema.paths(name)
            needed = name in REQUIRED or self._schema.is_mapped(name)
            if needed and self._columns and not self._columns.intersection(paths):
                raise SchemaError(
                    self._feed.name,
                    f"no row has {' or '.join(map(repr, paths))}, which feeds {name!r}",
                    f"{did_you_mean(paths[0], self._columns)} It has: "
                    f"{', '.join(sorted(self._columns))}. Map it with "
                    f"schema=EventSchema({name}=…).".strip(),
                )

    def _times(
        self, batch: Batch, column: pa.ChunkedArray
    ) -> tuple[pa.ChunkedArray, dict[int, BadRow]]:
        """Return the instants, and the rows whose time is none or too late."""
        times, bad = as_instants(column, self._options.time_unit)
        latest = pa.scalar(self._options.latest.to_pydatetime(), pa.timestamp("us", "UTC"))
        late = np.asarray(pc.greater(times, latest).fill_null(False))
        refused: dict[int, BadRow] = {}
        for row in np.flatnonzero(bad | late):
            paths, value = " or ".join(self._schema.paths("timestamp")), column[int(row)].as_py()
            reason, detail = Reason.FUTURE_TIME, f"{paths} is in the far future: {value!r}"
            if bad[row]:
                reason, detail = Reason.BAD_TIME, f"{paths} is no time: {value!r}"
            refused[int(row)] = batch.bad_row(int(row), self._feed.name, reason, detail)
        return times, refused

    def _refuse(self, rows: Sequence[BadRow]) -> None:
        # Those found by the reader and those found by their time, in the order of the source.
        ordered = sorted(rows, key=lambda row: row.offset or 0)
        located = [self._feed.located(row) for row in ordered]
        if located and self._options.on_error == "raise":
            first = located[0]
            hint = _HINTS.get(first.reason, _HINT)
            raise BadRowError(first.file, first.detail, hint, first.place)
        for row in located:
            self._cut_short |= row.reason == Reason.TRUNCATED
            self._report.refuse(row, keep=self._options.on_error == "quarantine")

    def _refuse_rest(self, reason: Reason, detail: str, place: str) -> None:
        self._report.rows_read += 1
        self._refuse([BadRow(self._feed.name, place, None, None, reason, detail, b"", 0)])

    def _wanted(self, table: pa.Table, bad: Flags) -> pa.Table:
        """Return the rows that are neither bad, nor without a user, nor repeated, if so asked."""
        table = _without(table, bad)
        if self._options.drop_null_users:
            lacking = np.asarray(table["user_id"].is_null())
            self._report.null_users_dropped += int(lacking.sum())
            table = _without(table, lacking)
        by = self._options.drop_duplicates
        if by == "row" and table.num_rows:
            ids = pa.chunked_array([content_ids(to_pandas(table))])
        elif by == "event_id" and "event_id" in table.column_names:
            ids = table["event_id"]
        else:
            return table
        repeated = self._reading.seen.repeats(ids)
        self._report.duplicates += int(repeated.sum())
        return _without(table, repeated)

    def _note_types(
        self, batch: Batch, columns: Mapping[str, pa.ChunkedArray], used: set[str]
    ) -> None:
        for name, column in columns.items():
            if name == "timestamp":
                continue
            kind = kind_of(column.type)
            mixed = self._mixed(batch, name, used)
            self._add_kinds(name, sorted(mixed) if mixed else [kind] if kind else [])

    def _mixed(self, batch: Batch, name: str, used: set[str]) -> frozenset[str]:
        paths = self._schema.paths(name) if name in CANONICAL else ()
        found: frozenset[str] = frozenset()
        for path, kinds in batch.mixed.items():
            own = path in paths if path in used else column_name(path) == name
            found |= kinds if own and len(kinds) > 1 else frozenset()
        return found

    def _add_kinds(self, name: str, kinds: Sequence[str]) -> None:
        known = self._reading.kinds.setdefault(name, [])
        known.extend(kind for kind in kinds if kind not in known)
        if len(known) > 1:
            self._report.changed_types[name] = tuple(known)

    def _mapped(self, rows: pa.Table, name: str) -> pa.ChunkedArray | None:
        paths = [path for path in self._schema.paths(name) if path in rows.column_names]
        if not paths:
            needed = name in REQUIRED or self._schema.is_mapped(name)
            return pa.chunked_array([pa.nulls(rows.num_rows)]) if needed else None
        return first_present([rows[path] for path in paths])


def _without(table: pa.Table, rows: Flags) -> pa.Table:
    return table.filter(pa.array(~rows)) if rows.any() else table
