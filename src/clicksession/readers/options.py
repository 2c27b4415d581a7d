"""What the user asks of a reading, checked before anything is opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal, TypedDict, get_args

import pandas as pd

from clicksession.errors import ParameterError, UnknownNameError
from clicksession.formats import Format
from clicksession.readers import READERS
from clicksession.readers.base import MAX_ROW_BYTES
from clicksession.readers.formats.choosing import Wanted
from clicksession.readers.report import ReadReport
from clicksession.readers.rows.bounding import MISFITS, Takes
from clicksession.readers.rows.duplicates.keys import EVENT_ID, DropDuplicates, RowKey, as_key
from clicksession.readers.rows.times import Meaning
from clicksession.readers.sources.compression import COMPRESSIONS
from clicksession.schema import EventSchema

__all__ = ["EARLIEST", "LATEST", "Asked", "OnError", "Options", "TimeUnit", "checked"]

OnError = Literal["raise", "quarantine", "skip"]
TimeUnit = Literal["s", "ms", "us", "ns"]

# No bound that moves with the clock: the same log must give the same events tomorrow. Before the
# first there was next to no web; what lies there is a count of something else.
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_YEARS = (1678, 2261)


class Asked(TypedDict, total=False):
    """What `read_events` and `scan_events` take in common, for their overloads."""

    schema: EventSchema | None
    format: str | Format | None
    storage_options: Mapping[str, object] | None
    on_error: OnError
    report: ReadReport | None
    drop_duplicates: DropDuplicates
    drop_null_users: bool
    time_unit: TimeUnit | None
    earliest: str | datetime
    latest: str | datetime
    max_row_bytes: int
    columns: Sequence[str] | None


@dataclass(frozen=True)
class Options:
    """The arguments of a reading."""

    schema: EventSchema
    format: str | Format | None
    on_error: OnError
    report: ReadReport
    key: RowKey = EVENT_ID
    drop_null_users: bool = False
    time_unit: TimeUnit | None = None
    earliest: pd.Timestamp = pd.Timestamp(EARLIEST)  # noqa: RUF009  (immutable)
    latest: pd.Timestamp = pd.Timestamp(LATEST)  # noqa: RUF009  (immutable)
    max_row_bytes: int = MAX_ROW_BYTES
    columns: tuple[str, ...] | None = None
    # Canonical columns that the target of the events has already: no source need have them.
    known: frozenset[str] = frozenset()
    # What the target of the events takes of a row; None: nobody writes them.
    takes: Takes | None = None
    # Whether the events go to tables, which tell them apart by ids, rather than out of here.
    for_tables: bool = False
    format_is_given: bool = False
    """Whether the caller said the format, and not the schema, whose word is a default."""

    @cached_property
    def wanted(self) -> Wanted:
        """What is said of the format of the sources."""
        return Wanted(self.format, self.format_is_given, self.columns is not None)

    @cached_property
    def times(self) -> Meaning:
        """What times mean."""
        return Meaning.of(self.schema, self.time_unit, self.earliest, self.latest)

    def stops_at(self, reason: str) -> bool:
        """Say whether a row that is refused for a reason ends the reading."""
        on_misfit = self._on_misfit(reason)
        return (self.on_error if on_misfit == "widen" else on_misfit) == "raise"

    def keeps(self, reason: str) -> bool:
        """Say whether a row that is refused for a reason goes to the quarantine."""
        return self.on_error == "quarantine" or self._on_misfit(reason) == "quarantine"

    def _on_misfit(self, reason: str) -> str:
        """Return what becomes of a good row that the target does not take; else it is as usual."""
        if self.takes is None or reason not in MISFITS:
            return "widen"
        return self.takes.on_misfit


def checked(
    who: str,
    *,
    schema: EventSchema | None,
    format: str | Format | None,
    on_error: OnError,
    report: ReadReport | None,
    time_unit: TimeUnit | None,
    earliest: str | datetime,
    latest: str | datetime,
    max_row_bytes: int,
    columns: Sequence[str] | None,
    drop_duplicates: DropDuplicates,
    drop_null_users: bool = False,
    for_tables: bool = False,
) -> Options:
    """Return the arguments as options; refuse what cannot be meant.

    Raises
    ------
    ParameterError
        An argument cannot be used.
    UnknownNameError
        There is no such format.
    """

    def check(holds: bool, parameter: str, must: str, got: object) -> None:
        if not holds:
            raise ParameterError(who, parameter, must, got)

    check(on_error in get_args(OnError), "on_error", "'raise', 'quarantine' or 'skip'", on_error)
    must = "a clicksession.EventSchema, or None"
    check(isinstance(schema, EventSchema | None), "schema", must, schema)
    must = "a clicksession.ReadReport, or None"
    check(isinstance(report, ReadReport | None), "report", must, report)
    if on_error == "quarantine" and report is None:
        must = "a clicksession.ReadReport where on_error='quarantine': what is set aside is in it"
        raise ParameterError(who, "report", must, report)
    key = as_key(drop_duplicates, who)
    check(isinstance(drop_null_users, bool), "drop_null_users", "True or False", drop_null_users)
    must = "'s', 'ms', 'us', 'ns' or None"
    check(time_unit in (*get_args(TimeUnit), None), "time_unit", must, time_unit)
    sizes = isinstance(max_row_bytes, int) and max_row_bytes >= 1
    check(sizes, "max_row_bytes", "a positive whole number", max_row_bytes)
    format_is_given = bool(format)
    format = format or (schema.format if schema else None)
    if format is not None:
        _check_format(who, format)
    bounds = _moment(who, "earliest", earliest), _moment(who, "latest", latest)
    check(bounds[0] < bounds[1], "latest", "later than `earliest`", latest)
    return Options(
        schema=schema or EventSchema(),
        format=format,
        on_error=on_error,
        report=report if report is not None else ReadReport(),
        key=key,
        drop_null_users=drop_null_users,
        for_tables=for_tables,
        time_unit=time_unit,
        earliest=bounds[0],
        latest=bounds[1],
        max_row_bytes=max_row_bytes,
        columns=_names(who, columns),
        format_is_given=format_is_given,
    )


def _check_format(who: str, format: str | Format) -> None:
    if isinstance(format, Format):
        return
    if not isinstance(format, str):
        must = "a format's name, or a value of clicksession.formats"
        raise ParameterError(who, "format", must, format)
    try:
        READERS.find(format)
    except UnknownNameError as error:
        if not COMPRESSIONS.intersection(format.lower().split(".")):
            raise
        hint = "Leave the compression out: a file's first bytes say how it is compressed."
        raise UnknownNameError(error.kind, format, error.known, hint) from None


def _moment(who: str, name: str, value: str | datetime) -> pd.Timestamp:
    first, last = _YEARS
    try:
        moment = None if isinstance(value, int | float) else pd.to_datetime(value, utc=True)
    except (ValueError, TypeError):
        moment = None
    if not isinstance(moment, pd.Timestamp) or not first <= moment.year <= last:
        must = f"a time, such as '2030-01-01', from the year {first} to {last}"
        raise ParameterError(who, name, must, value)
    return moment


def _names(who: str, columns: Sequence[str] | None) -> tuple[str, ...] | None:
    if columns is None:
        return None
    good = not isinstance(columns, str) and all(isinstance(name, str) for name in columns)
    if not good or not columns or len(set(columns)) < len(columns):
        raise ParameterError(who, "columns", "a list of names, no two alike", columns)
    return tuple(columns)
