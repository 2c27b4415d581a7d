"""`describe`: look at a log, and guess how to read it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any, cast

from clicksession.describing.counting import Counts
from clicksession.describing.description import Column, Description
from clicksession.describing.guessing import Guess, guesses_of
from clicksession.describing.presets import Fit, best_fits
from clicksession.describing.sample import SAMPLE_ROWS, Sample, sampled
from clicksession.display import progress_bar
from clicksession.errors import SchemaError
from clicksession.formats import Format
from clicksession.keywords import keywords
from clicksession.readers.base import MAX_ROW_BYTES, BadRow
from clicksession.readers.feeds.finding import EventSource, feeds_of
from clicksession.readers.options import EARLIEST, LATEST, Options, TimeUnit, checked
from clicksession.readers.reading import Reading
from clicksession.readers.report import ReadReport
from clicksession.readers.rows.duplicates.keys import DropDuplicates
from clicksession.schema import CANONICAL, REQUIRED, EventSchema

__all__ = ["describe"]


@keywords()
def describe(
    source: EventSource,
    *,
    schema: EventSchema | None = None,
    format: str | Format | None = None,
    storage_options: Mapping[str, object] | None = None,
    time_unit: TimeUnit | None = None,
    earliest: str | datetime = EARLIEST,
    latest: str | datetime = LATEST,
    max_row_bytes: int = MAX_ROW_BYTES,
    columns: Sequence[str] | None = None,
    drop_duplicates: DropDuplicates = "event_id",
    progress: bool | None = False,
) -> Description:
    r"""Say what a log holds: rows, users, span, event types, what is refused, and how to read it.

    Reads all of it once, in batches. Memory is flat but for what tells duplicates apart, as in
    `clicksession.scan_events`, and eight bytes for each user. No row stops it: what
    ``on_error="quarantine"`` would set aside is counted by reason, and of each reason the first
    row is kept. Users are counted by a hash of 64 bits.

    Without a `schema`, the first thousand rows are looked at first: which preset of `EventSchema`
    has its fields there, and else which fields look like a user, a time, an id and a type by name
    and by value. That is a guess: it says how sure it is, and why, and all that is counted goes by
    it.

    Parameters
    ----------
    source, format, storage_options
        What to look at, as in `clicksession.read_events`. An iterator is read to its end.
    schema
        Which source path feeds which canonical column. Left out: a guess.
    time_unit, earliest, latest, max_row_bytes, columns, drop_duplicates
        As in `clicksession.read_events`.
    progress
        Whether to show a progress bar; None: on a terminal and in a notebook.

    Returns
    -------
    Description
        What was found. ``print`` shows it.

    Raises
    ------
    SchemaError
        A column that the given schema maps is in no row.
    BadRowError
        None of the sources can be read.
    ReadError, ParameterError, UnknownNameError, MissingExtraError
        As `clicksession.read_events`, but for rows that are no events.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> log = pathlib.Path(tempfile.mkdtemp(), "log.csv")
    >>> _ = log.write_text("customerId,time,action\n7,2024-05-01T10:00Z,view\n7,soon,buy\n")
    >>> found = describe(log)
    >>> found.schema_line
    "EventSchema(user_id='customerId', timestamp='time', event_type='action')"
    >>> found.rows, found.events, found.refused
    (2, 1, {'bad_time': 1})
    """
    report = _WithExamples()
    options = checked(
        "describe",
        schema=schema,
        format=format,
        on_error="skip",
        report=report,
        time_unit=time_unit,
        earliest=earliest,
        latest=latest,
        max_row_bytes=max_row_bytes,
        columns=columns,
        drop_duplicates=drop_duplicates,
    )
    source, head = _with_head(source)
    feeds = feeds_of(head, storage_options, "describe")
    sample = sampled(feeds, options, is_schema_given=schema is not None)
    guessed = _Guessed()
    if schema is None:
        guessed = _guessed(sample, options)
        options = replace(options, schema=guessed.schema, format=format or guessed.schema.format)
    reading = Reading.of(source, storage_options, options, "describe")
    counts = _counted(reading, progress, may_miss=schema is None)
    return _description(counts, report, options.schema, guessed, is_guess=schema is None)


@dataclass
class _WithExamples(ReadReport):
    """A report that keeps the first row of each reason for which one is refused."""

    examples: dict[str, BadRow] = field(default_factory=dict)

    def refuse(self, row: BadRow, *, keep: bool) -> None:
        """Count a row that is no event."""
        self.examples.setdefault(str(row.reason), row)
        super().refuse(row, keep=keep)


@dataclass(frozen=True)
class _Guessed:
    """A schema that was guessed, and what it was guessed by."""

    schema: EventSchema = field(default_factory=EventSchema)
    guesses: tuple[Guess, ...] = ()
    fits: tuple[Fit, ...] = ()
    preset: str | None = None
    fields: tuple[str, ...] = ()


def _with_head(source: EventSource) -> tuple[EventSource, EventSource]:
    """Return a source, and what its first rows can be taken from: an iterator goes by once."""
    if isinstance(source, str | os.PathLike) or not isinstance(source, Iterator):
        return source, source
    head = list(islice(source, SAMPLE_ROWS))
    return cast(EventSource, chain(head, source)), cast(EventSource, head)


def _guessed(sample: Sample, options: Options) -> _Guessed:
    fits = best_fits(sample)
    by_name = guesses_of(sample, options.times)
    if fits:
        best = fits[0]
        schema = EventSchema.preset(best.name)
        guesses = _guesses_of_preset(fits, schema)
        return _Guessed(schema, guesses, fits, best.name, tuple(sample.columns))
    paths: dict[str, Any] = {
        guess.column: guess.path for guess in by_name if guess.path != guess.column
    }
    forms = [guess.time_format for guess in by_name if guess.time_format]
    schema = EventSchema(**paths, time_format=forms)
    return _Guessed(schema, by_name, fits, fields=tuple(sample.columns))


def _guesses_of_preset(fits: tuple[Fit, ...], schema: EventSchema) -> tuple[Guess, ...]:
    best = fits[0]
    rivals = [fit.name for fit in fits[1:] if (fit.there, fit.named) == (best.there, best.named)]
    why = f"the preset {best.name!r}: {best}"
    if best.lacks_types:
        why += ", though none of the event types that it knows"
    if rivals:
        why += f"; they are those of {', '.join(map(repr, rivals))} as well"
    is_sure = best.share == 1 and not best.lacks_types and not rivals
    return tuple(
        Guess(name, " or ".join(schema.paths(name)), "sure" if is_sure else "likely", why)
        for name in CANONICAL
        if schema.is_mapped(name)
    )


def _counted(reading: Reading, progress: bool | None, *, may_miss: bool) -> Counts:
    counts = Counts()
    with progress_bar("reading", " events", progress) as bar:
        try:
            for table in reading.tables():
                counts.add(table)
                bar.update(table.num_rows)
        except SchemaError:
            # Only at the end does a reading know that no row has a column.
            if not may_miss:
                raise
    return counts


def _description(
    counts: Counts, report: _WithExamples, schema: EventSchema, guessed: _Guessed, *, is_guess: bool
) -> Description:
    known = {guess.column for guess in guessed.guesses}
    missing = tuple(name for name in REQUIRED if is_guess and name not in known)
    return Description(
        rows=report.rows_read,
        events=counts.events,
        users=counts.users,
        without_user=counts.without_user,
        without_time=counts.without_time,
        first=counts.first,
        last=counts.last,
        event_types=dict(sorted(counts.types.items(), key=lambda each: (-each[1], str(each[0])))),
        of_other_types=counts.of_other_types,
        columns=_columns(counts),
        refused=dict(report.refused.most_common()),
        examples=report.examples,
        duplicates=report.duplicates,
        fields=guessed.fields,
        schema=schema,
        guesses=guessed.guesses,
        missing=missing if report.rows_read else (),
        preset=guessed.preset,
        presets=tuple(fit.name for fit in guessed.fits),
        report=report,
    )


def _columns(counts: Counts) -> tuple[Column, ...]:
    return tuple(
        Column(
            name=name,
            kind=" or ".join(sorted(counts.kinds.get(name, ()))) or "nothing",
            nulls=counts.events - filled,
        )
        for name, filled in counts.filled.items()
    )
