"""One reading: from sources to tables of events, with an account of every row."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress, count
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.errors import BadRowError
from clicksession.numerals import LONG
from clicksession.readers.base import BadRow, Batch, Reason, plain_value
from clicksession.readers.feeds.base import Feed
from clicksession.readers.feeds.files import FileFeed
from clicksession.readers.feeds.finding import EventSource, feeds_of, reads_ahead
from clicksession.readers.feeds.small_files import Given, Group, gathered
from clicksession.readers.formats.json.embedded import opened
from clicksession.readers.options import Options
from clicksession.readers.report import warn_of_conflicts
from clicksession.readers.rows.bounding import (
    HINTS,
    Beyond,
    beyond,
    crowded,
    rows_without_nuls,
    shortened,
)
from clicksession.readers.rows.duplicates.keys import EVENT_ID, NONE
from clicksession.readers.rows.duplicates.own_ids import digest_of, with_own_ids
from clicksession.readers.rows.duplicates.repeats import Repeats
from clicksession.readers.rows.fields import matches
from clicksession.readers.rows.flattening import MAX_FIELDS
from clicksession.readers.rows.mapping import Mapped, SchemaMapping
from clicksession.readers.rows.missing import missing_column
from clicksession.readers.rows.ties import ids_in_order
from clicksession.readers.rows.times import Course, as_instants
from clicksession.readers.rows.unpacking import unpacked
from clicksession.readers.sources.ahead import Ahead, AheadStream
from clicksession.schema import CANONICAL
from clicksession.schema.paths import sources_of

__all__ = ["Piece", "Reading"]

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

# The counts of the report, and the paths and columns that were seen.
_State = tuple[dict[str, Any], set[str], set[str], set[str]]

_HINT = 'Repair or remove it, or set it aside with on_error="quarantine".'
_HINTS: dict[str, str] = {
    **HINTS,
    Reason.BAD_TIME: "Times are ISO 8601 (2024-05-01T10:00:00Z) or counts since 1970; "
    "schema=EventSchema(time_format=…) says another form, such as '%d/%m/%Y %H:%M'.",
    Reason.FUTURE_TIME: "latest=… moves the bound; time_unit=… says what a number counts.",
    Reason.PAST_TIME: "earliest=… moves the bound; time_unit=… says what a number counts, and "
    "schema=EventSchema(time_format=…) in which form it is a date.",
    Reason.MISSING_HOUR: "EventSchema(nonexistent='shift') moves it forward; is the zone right?",
    Reason.AMBIGUOUS_TIME: "Say which: for a number by time_unit=… or "
    "EventSchema(time_format=…), for an hour that comes twice by EventSchema(ambiguous=…).",
    Reason.NOT_JSON: f'{_HINT} A file that is no JSON needs format="csv" or another.',
    Reason.TOO_MANY_FIELDS: "EventSchema(pack=…) puts fields that belong together into one column, "
    "and EventSchema(drop=…) leaves some out.",
    Reason.NOT_LOG_LINE: f"{_HINT} clicksession.formats.Weblog(log_format=…) says another form.",
    Reason.TOO_LONG: "max_row_bytes=… takes longer ones.",
    Reason.TRUNCATED: "Is the file whole?",
}

_SAID: dict[Reason, str] = {
    Reason.BAD_TIME: "is no time",
    Reason.FUTURE_TIME: "is in the far future",
    Reason.PAST_TIME: "is in the far past",
    Reason.MISSING_HOUR: "is in an hour that the clocks leave out",
    Reason.AMBIGUOUS_TIME: "may be either of two times",
}


@dataclass(frozen=True)
class Piece:
    """Some consecutive events, source after source.

    Attributes
    ----------
    events
        The events, if there are any.
    rows
        The sources, with how many of the events each has.
    is_end
        Whether the last of the sources ends with them, as those before it do.
    """

    events: pa.Table | None
    rows: Sequence[tuple[Feed, int]]
    is_end: bool


@dataclass
class Reading:
    """Sources, what is asked of them, and what has been seen in them so far."""

    feeds: Sequence[Feed]
    options: Options
    kinds: dict[str, list[str]] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)

    @cached_property
    def repeats(self) -> Repeats:
        """What has come so far, by the key that the user chose."""
        return Repeats(self.options.key)

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
        return (piece.events for piece in self.pieces() if piece.events is not None)

    def pieces(self) -> Iterator[Piece]:
        """Yield the events of each source with that source, and at its end the source alone.

        Those of small files that follow one another come as one piece.
        """
        ahead = [reads_ahead(feed, self.options) for feed in self.feeds]
        with closing(Ahead([feed.opened for feed in compress(self.feeds, ahead)])) as streams:
            numbers = count()
            given = (
                Given(feed, streams.stream(next(numbers)) if is_ahead else None)
                for feed, is_ahead in zip(self.feeds, ahead, strict=True)
            )
            for found in gathered(given, self.options):
                yield from self._pieces(found)
        self._check_columns()
        report = self.options.report
        warn_of_conflicts(report.conflicting, report.conflict, report.rows_read)

    def _pieces(self, found: Given | Group) -> Iterator[Piece]:
        if isinstance(found, Given):
            for table in self._events(found.feed, found.stream):
                yield Piece(table, [(found.feed, table.num_rows)], is_end=False)
            yield Piece(None, [(found.feed, 0)], is_end=True)
        elif piece := self._together(found):
            yield piece
        else:
            for part in found.parts():
                yield from self._pieces(part)

    def _together(self, group: Group) -> Piece | None:
        """Return the events of a group, or nothing where its files are to be read in parts."""
        batch = group.batch(self.options)
        if batch is None:
            return None
        events, before = _Events(group, self), self._state()
        try:
            table = events.of(batch)
        except BadRowError:
            # What comes before that row comes first.
            self._go_back(before)
            return None
        self.options.report.check()
        feeds = [given.feed for given in group.members]
        rows = zip(feeds, group.counts(events.lines), strict=True)
        return Piece(table if table.num_rows else None, list(rows), is_end=True)

    def _state(self) -> _State:
        report = dict(vars(self.options.report))
        return report, set(self.paths), set(self.columns), set(self.filled)

    def _go_back(self, state: _State) -> None:
        """Forget what was seen in rows of which one ends the reading: nothing came of them."""
        report, self.paths, self.columns, self.filled = state
        vars(self.options.report).update(report)

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
            if self.options.on_error == "raise" or events.has_stopped:
                raise
            events.give_up(error)
        self.options.report.check()

    def _check_columns(self) -> None:
        """Refuse sources that had rows, but none with a column that must be there.

        What one source lacks another may have, or the target that the events go to.
        """
        for name in CANONICAL:
            if name not in self.options.known and self.paths:
                self._check_column(name)

    def _check_column(self, name: str) -> None:
        schema = self.options.schema
        is_there = any(self.paths.issuperset(sources_of(path)) for path in schema.mapping(name))
        if schema.needs(name) and not is_there:
            raise missing_column(name, schema, self.paths, [feed.name for feed in self.feeds])


class _Events:
    """Makes events of the batches of one source, and keeps account."""

    def __init__(self, feed: Feed | Group, reading: Reading) -> None:
        self._feed = feed
        self._reading = reading
        self._options = reading.options
        self._schema = reading.options.schema
        self._report = reading.options.report
        self._mapping = SchemaMapping(reading.options.schema)
        self._cut_short = False
        self.has_stopped = False
        self._course = Course()
        self.lines = np.empty(0, dtype=np.int64)

    def of(self, batch: Batch) -> pa.Table:
        """Return the events of a batch in canonical columns."""
        # Before a text or a list of a row is looked into, and by what these hold.
        batch = self._included(batch)
        packed, batch = batch, unpacked(batch, self._feed.name, self._schema, opened)
        # What was in a text may hold some where the text held none.
        has_nuls = packed.has_nuls or batch is not packed
        batch = self._included(batch)
        rows, nuls = rows_without_nuls(batch.rows) if has_nuls else (batch.rows, 0)
        batch = replace(batch, rows=rows) if nuls else batch
        self._report.nuls_replaced += nuls
        if rows.num_rows:
            self._reading.paths.update(rows.column_names)
        mapped = self._mapping.of(batch)
        times, refused = self._times(batch, mapped.columns["timestamp"])
        refused |= self._crowded(batch, mapped, refused)
        table = self._with_ids(self._table(mapped, times), batch.numbers)
        table, misfits = self._bounded(table, rows.column_names, refused)
        for row, misfit in misfits.items():
            if row not in refused:
                refused[row] = batch.bad_row(row, self._feed.name, misfit.reason, misfit.detail)
        bad = np.zeros(rows.num_rows, dtype=bool)
        bad[list(refused)] = True
        self._report.rows_read += rows.num_rows + len(batch.refused)
        self._refuse([*batch.refused, *refused.values()])
        mapped.count_nobody(self._report.nobody, ~bad)
        self._report.outside += int((mapped.outside & ~bad).sum())
        for name, kinds in mapped.kinds.items():
            self._add_kinds(name, sorted(kinds))
        table, left = self._wanted(table, bad)
        self.lines = np.asarray(batch.numbers)[left] if isinstance(self._feed, Group) else left
        self._report.rows_out += table.num_rows
        return table

    @staticmethod
    def _table(mapped: Mapped, times: pa.ChunkedArray) -> pa.Table:
        columns = {**mapped.columns, "timestamp": times}
        if mapped.order is not None and mapped.order.null_count < len(mapped.order):
            ids = columns.pop("event_id", None)
            found = ids_in_order(ids, mapped.order, pa.table(columns))
            columns = {"event_id": found, **columns}
        return pa.table(columns)

    def _bounded(
        self, events: pa.Table, paths: Sequence[str], refused: Collection[int]
    ) -> tuple[pa.Table, Beyond]:
        """Return events with ids that indexes hold, and the rows that the target does not take."""
        takes = self._options.takes
        if takes is None or takes.on_misfit == "widen":
            events, count = shortened(events)
            self._report.ids_shortened += count
        if takes is None or not events.num_rows:
            return events, {}
        filled = self._reading.filled
        filled.update(takes.columns)
        found = beyond(events, takes, paths)
        events, many = crowded(events, filled, takes, paths, {*refused, *found})
        return events, {**found, **many}

    def _with_ids(self, events: pa.Table, numbers: Sequence[int]) -> pa.Table:
        """Return events with ids by which tables can tell them apart as the user wants."""
        key = self._options.key
        if not self._options.for_tables or key == EVENT_ID or not events.num_rows:
            return events
        file = digest_of(self._feed.source.identity) if isinstance(self._feed, FileFeed) else ""
        return with_own_ids(events, key, file, numbers)

    def _included(self, batch: Batch) -> Batch:
        """Leave out the rows that the schema excludes, and count them."""
        excluded = matches(batch, self._schema.exclude)
        if not excluded.any():
            return batch
        count = int(excluded.sum())
        self._report.rows_read += count
        self._report.excluded += count
        return batch.taken(np.flatnonzero(~excluded).tolist())

    def _crowded(
        self, batch: Batch, mapped: Mapped, refused: Mapping[int, BadRow]
    ) -> dict[int, BadRow]:
        """Return the rows with a field too many for one reading, and leave these fields out."""
        known = self._reading.columns
        fresh = [name for name in mapped.columns if name not in known]
        known.update(fresh[: MAX_FIELDS - len(known)])
        crowded: dict[int, BadRow] = {}
        for name in (name for name in fresh if name not in known):
            column = mapped.columns.pop(name)
            detail = f"{name!r} is one column too many: {MAX_FIELDS:,} have come before it"
            rows = np.flatnonzero(np.asarray(column.is_valid())).tolist()
            # One is enough to stop at.
            for row in rows if self._options.on_error != "raise" else rows[: not crowded]:
                if row not in refused and row not in crowded:
                    reason = Reason.TOO_MANY_FIELDS
                    crowded[row] = batch.bad_row(row, self._feed.name, reason, detail)
        return crowded

    def end(self, stream: AheadStream | None) -> None:
        """Account for a source that ended before its end."""
        if stream is not None and stream.damage and not self._cut_short:
            self._refuse_rest(Reason.TRUNCATED, stream.damage, "at its end")

    def give_up(self, error: BadRowError) -> None:
        """Account for a source that cannot be read any further."""
        self._refuse_rest(Reason.UNREADABLE, error.reason, error.place)

    def _times(
        self, batch: Batch, column: pa.ChunkedArray
    ) -> tuple[pa.ChunkedArray, dict[int, BadRow]]:
        """Return the instants, and the rows whose time is none, out of bounds or not to be told."""
        found = as_instants(column, self._options.times, self._course)
        self._report.ambiguous_times += found.repeated
        self._report.shifted_times += found.shifted
        paths = " or ".join(self._schema.paths("timestamp"))
        refused: dict[int, BadRow] = {}
        for row, reason in found.refused.items():
            detail = f"{paths} {_SAID[reason]}: {plain_value(column, row)!r}"
            refused[row] = batch.bad_row(row, self._feed.name, reason, detail)
        return found.times, refused

    def _refuse(self, rows: Sequence[BadRow]) -> None:
        # Whoever makes rows of records does not know what their source is called.
        rows = [row if row.file else replace(row, file=self._feed.name) for row in rows]
        # Those found by the reader and those found by their time, in the order of the source.
        ordered = sorted(rows, key=lambda row: row.offset or 0)
        located = [self._feed.located(row) for row in ordered]
        first = next((row for row in located if self._options.stops_at(row.reason)), None)
        if first is not None:
            self.has_stopped = True
            hint = _HINTS.get(first.reason, _HINT)
            if first.reason == Reason.NOT_JSON and self._schema.json:
                hint = _HINT
            raise BadRowError(first.file, first.detail, hint, first.place)
        for row in located:
            self._cut_short |= row.reason == Reason.TRUNCATED
            self._report.refuse(row, keep=self._options.keeps(row.reason))

    def _refuse_rest(self, reason: Reason, detail: str, place: str) -> None:
        self._report.rows_read += 1
        self._refuse([BadRow(self._feed.name, place, None, None, reason, detail, b"", 0)])

    def _wanted(self, table: pa.Table, bad: Flags) -> tuple[pa.Table, Numbers]:
        """Return the rows that are neither bad, nor without a user, nor repeated, if so asked.

        And which these are.
        """
        table, left = _without(table, np.arange(table.num_rows), bad)
        if self._options.drop_null_users:
            lacking = np.asarray(table["user_id"].is_null())
            self._report.null_users_dropped += int(lacking.sum())
            table, left = _without(table, left, lacking)
        # Tables know which events they hold.
        if self._options.for_tables or self._options.key == NONE or not table.num_rows:
            return table, left
        found = self._reading.repeats.of(table)
        self._report.duplicates += int(found.repeated.sum())
        if found.conflicting.any():
            first = table["event_id"][int(np.argmax(found.conflicting))].as_py()
            self._report.add_conflicts(int(found.conflicting.sum()), first)
        return _without(table, left, found.repeated)

    def _add_kinds(self, name: str, kinds: Sequence[str]) -> None:
        known = self._reading.kinds.setdefault(name, [])
        known.extend(kind for kind in kinds if kind not in known)
        if len(known) > 1 or LONG in known:
            self._report.changed_types[name] = tuple(known)


def _without(table: pa.Table, left: Numbers, rows: Flags) -> tuple[pa.Table, Numbers]:
    return (table.filter(pa.array(~rows)), left[~rows]) if rows.any() else (table, left)
