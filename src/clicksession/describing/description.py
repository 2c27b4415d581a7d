"""`Description`: what was found in a log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clicksession.describing.guessing import Guess
from clicksession.display import Card, listing_of
from clicksession.durations import in_words
from clicksession.readers.base import BadRow
from clicksession.readers.report import ReadReport
from clicksession.schema import EventSchema

__all__ = ["Column", "Description"]

# How many event types and columns are shown.
_SHOWN = 10
_LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column that the events of a log have.

    Attributes
    ----------
    name
        What it is called.
    kind
        What its values are: ``"text"``, ``"whole number"``, ``"number"``, ``"true or false"``,
        ``"time"`` or ``"date"``; several, where they differ.
    nulls
        How many events have no value in it.

    Examples
    --------
    >>> import clicksession as cs
    >>> log = [{"user_id": 7, "timestamp": "2024-05-01 10:00"}]
    >>> cs.describe(log).columns[0]
    Column(name='user_id', kind='whole number', nulls=0)
    """

    name: str
    kind: str
    nulls: int


@dataclass(frozen=True, kw_only=True, repr=False)
class Description:
    """What a log holds, and what `run` would make of it.

    Shown and printed as text, to the second; its attributes hold the numbers.

    Attributes
    ----------
    rows
        Rows that were found, good or bad.
    events
        Rows that are events, each once.
    users
        How many users they have.
    without_user, without_time
        Events without a user or a time: they are in no session.
    first, last
        The times of the first event and of the last one, in UTC; None where none has a time.
    event_types
        How many events there are of each type, the most first; the key None for those without.
    of_other_types
        Events of types beyond the first ten thousand that came.
    columns
        The columns of the events.
    refused
        How many rows are no events, by reason: what ``on_error="quarantine"`` sets aside.
    examples
        The first of these rows for each reason, with its place and what is wrong.
    duplicates
        Rows that repeat one before them.
    fields
        The fields of its first rows, by their paths; empty where a schema was given.
    schema
        The schema by which all of this was counted: the one that was given, or guessed.
    guesses
        Which fields look like which columns; empty where a schema was given.
    missing
        Canonical columns that must be there and that no field looks like. Nothing makes sessions
        of a log that misses one.
    preset
        The name of the preset that the fields fit, or None.
    presets
        All presets that they fit, the best first.
    report
        The account of the reading.

    Examples
    --------
    >>> import clicksession as cs
    >>> log = [{"uid": "a", "at": "2024-05-01 10:00"}, {"uid": "a", "at": "soon"}]
    >>> found = cs.describe(log)
    >>> found.rows, found.events, found.refused
    (2, 1, {'bad_time': 1})
    >>> found.schema_line
    "EventSchema(user_id='uid', timestamp='at')"
    """

    rows: int
    events: int
    users: int
    without_user: int
    without_time: int
    first: datetime | None
    last: datetime | None
    event_types: Mapping[str | None, int]
    of_other_types: int
    columns: tuple[Column, ...]
    refused: Mapping[str, int]
    examples: Mapping[str, BadRow]
    duplicates: int
    fields: tuple[str, ...]
    schema: EventSchema
    guesses: tuple[Guess, ...]
    missing: tuple[str, ...]
    preset: str | None
    presets: tuple[str, ...]
    report: ReadReport

    @property
    def schema_line(self) -> str:
        """The schema as a line of Python, to be pasted."""
        return repr(self.schema) if self.preset is None else f"EventSchema.preset({self.preset!r})"

    def to_dict(self) -> dict[str, Any]:
        """Return what was found as values that JSON has; times in ISO 8601.

        Examples
        --------
        >>> import clicksession as cs
        >>> found = cs.describe([{"user_id": 7, "timestamp": "2024-05-01 10:00"}])
        >>> found.to_dict()["first"]
        '2024-05-01T10:00:00+00:00'
        """
        return {
            "rows": self.rows,
            "events": self.events,
            "duplicates": self.duplicates,
            "refused": {
                reason: {"rows": count, "first": _example(self.examples[reason])}
                for reason, count in self.refused.items()
            },
            "users": self.users,
            "without_user": self.without_user,
            "without_time": self.without_time,
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "event_types": [
                {"event_type": kind, "events": count} for kind, count in self.event_types.items()
            ],
            "columns": [
                {"name": each.name, "type": each.kind, "nulls": each.nulls} for each in self.columns
            ],
            "fields": list(self.fields),
            "schema": self.schema_line,
            "guesses": [
                {
                    "column": each.column,
                    "path": each.path,
                    "sure": each.sureness,
                    "why": each.why,
                    "time_format": each.time_format,
                }
                for each in self.guesses
            ],
            "missing": list(self.missing),
            "presets": list(self.presets),
        }

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        parts = (self._counts(), self._types(), self._refusals(), self._columns(), self._schema())
        return "\n\n".join("\n".join(lines) for lines in parts if lines)

    def _repr_html_(self) -> str:
        types = [("none" if kind is None else kind, n) for kind, n in self.event_types.items()]
        refused = [
            (reason, count, _where(self.examples[reason])) for reason, count in self.refused.items()
        ]
        columns = [(each.name, each.kind, each.nulls) for each in self.columns]
        listings = [
            listing_of("Event types", ["event type", "events"], types, len(types)),
            listing_of("Refused", ["reason", "rows", "the first"], refused, len(refused)),
            listing_of("Columns", ["column", "type", "nulls"], columns, len(columns)),
        ]
        return Card(
            kind="Description of a log",
            figures={"Rows": self._figures()},
            facts={"span": self._span()} if self.first else {},
            notes=self._schema()[2:],
            listings=[each for each in listings if each.rows],
            folded={self._schema()[0].capitalize(): self.schema_line},
        ).html

    def _figures(self) -> dict[str, int]:
        figures = {
            "rows": self.rows,
            "events": self.events,
            "users": self.users,
            "events without a user": self.without_user,
            "events without a time": self.without_time,
            "duplicates": self.duplicates,
            "refused": sum(self.refused.values()),
            "left out": self.report.excluded,
        }
        always = ("rows", "events", "users")
        return {name: count for name, count in figures.items() if count or name in always}

    def _span(self) -> str:
        assert self.first is not None
        assert self.last is not None
        return f"{_time(self.first)} to {_time(self.last)} (UTC), {_long(self.last - self.first)}"

    def _counts(self) -> list[str]:
        lines = [
            f"rows        {self.rows:,}: {self.events:,} events, {self.duplicates:,} duplicates, "
            f"{sum(self.refused.values()):,} refused"
            f"{f', {self.report.excluded:,} left out' if self.report.excluded else ''}",
            f"users       {self.users:,}; {self.without_user:,} events without one",
        ]
        if self.first is not None:
            lines.append(f"span        {self._span()}")
        if self.without_time:
            lines.append(f"no time     {self.without_time:,} events")
        return lines

    def _types(self) -> list[str]:
        if not self.event_types:
            return ["no event types"]
        more = len(self.event_types) - _SHOWN
        shown = list(self.event_types.items())[:_SHOWN]
        return [
            "event types",
            *_table([(_cut("none" if kind is None else kind), f"{n:,}") for kind, n in shown]),
            *([f"  … and {more:,} more"] if more > 0 else []),
        ]

    def _refusals(self) -> list[str]:
        if not self.refused:
            return []
        return [
            "refused",
            *(
                f"  {reason}: {count:,}, the first in {_where(self.examples[reason])}: "
                f"{_cut(self.examples[reason].detail)}"
                for reason, count in self.refused.items()
            ),
        ]

    def _columns(self) -> list[str]:
        rows = [
            (each.name, each.kind, f"{each.nulls:,} null" if each.nulls else "")
            for each in self.columns
        ]
        return ["columns", *_table(rows)] if rows else []

    def _schema(self) -> list[str]:
        if not self.guesses and not self.missing:
            return ["schema", f"  {self.schema_line}"]
        lines = ["schema, as a guess", f"  {self.schema_line}"]
        lines += [
            f"  {each.column}: {each.path!r}, {each.sureness}: {_cut(each.why)}"
            for each in self.guesses
        ]
        lines += [
            f"  {name}: no field looks like one; name it: EventSchema({name}=…)"
            for name in self.missing
        ]
        if self.missing and self.fields:
            lines.append(f"  it has: {_cut(', '.join(self.fields))}")
        others = [name for name in self.presets if name != self.preset]
        return [*lines, f"  fits the presets {', '.join(others)} too"] if others else lines


def _example(row: BadRow) -> dict[str, Any]:
    return {"file": row.file, "place": row.place, "detail": row.detail}


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _where(row: BadRow) -> str:
    return ", ".join(filter(None, (row.file, row.place)))


def _time(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "seconds")


def _long(span: timedelta) -> str:
    """Return a span in words, as exactly as somebody who looks at a log wants it."""
    unit = next((unit for least, unit in _UNITS if span >= least), timedelta(seconds=1))
    return in_words(unit * round(span / unit)) or "less than a second"


_UNITS = (
    (timedelta(days=2), timedelta(days=1)),
    (timedelta(hours=2), timedelta(hours=1)),
    (timedelta(minutes=2), timedelta(minutes=1)),
)


def _cut(text: str) -> str:
    """Return a text of a log as a terminal may show it: in one line, and without its commands."""
    shown = "".join(each if each.isprintable() else repr(each)[1:-1] for each in text[:_LONGEST])
    return f"{shown}…" if len(text) > _LONGEST else shown
