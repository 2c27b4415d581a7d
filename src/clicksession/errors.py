"""The exception tree: every error holds its facts and writes its own sentence.

All of them are `ClicksessionError`; each is also the built-in exception that
Python users would expect, and each survives pickling, because its ``args``
are its facts.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Self

__all__ = [
    "BadRowError",
    "ClicksessionError",
    "MissingExtraError",
    "NoRoomError",
    "NotFoundWarning",
    "NothingFoundError",
    "ParameterError",
    "ReadError",
    "RulesChangedError",
    "SchemaError",
    "SourceNotFoundError",
    "TargetBusyError",
    "UnknownNameError",
    "UnknownParameterError",
    "UnnamedParameterError",
    "UnsupportedDialectError",
    "UnsupportedRuleError",
    "WriteError",
]


# How many of the event types that occur a message names.
_SHOWN = 10


class ClicksessionError(Exception):
    """The root of every error that this library raises on purpose.

    Examples
    --------
    >>> import clicksession as cs
    >>> try:
    ...     cs.Rules("30")
    ... except ClicksessionError as error:
    ...     print(error)
    Rules: `timeout` must be a positive duration with its unit, such as '30min', '1h 30min'
    or a timedelta; got '30'.
    """


class ParameterError(ClicksessionError, ValueError):
    """An argument that cannot be used: who was called, which parameter, what it must be.

    Examples
    --------
    >>> import clicksession as cs
    >>> try:
    ...     cs.Rules("half an hour")
    ... except ParameterError as error:
    ...     print(error)
    Rules: `timeout` must be a positive duration with its unit, such as '30min', '1h 30min'
    or a timedelta; got 'half an hour'.
    """

    def __init__(self, who: str, parameter: str, must: str, got: object, hint: str = "") -> None:
        super().__init__(who, parameter, must, got, hint)
        self.who, self.parameter, self.must, self.got, self.hint = who, parameter, must, got, hint

    def __str__(self) -> str:
        sentence = f"{self.who}: `{self.parameter}` must be {self.must}; got {self.got!r}."
        return _joined(sentence, self.hint)

    def said_by(self, who: str) -> "ParameterError":
        """Return the error as that of another caller."""
        return ParameterError(who, self.parameter, self.must, self.got, self.hint)


class UnknownNameError(ClicksessionError, LookupError):
    """A name that nothing is registered under, with the nearest one that is.

    Examples
    --------
    >>> import clicksession as cs
    >>> try:
    ...     cs.Rules.preset("matmo")
    ... except UnknownNameError as error:
    ...     print(error)
    there is no preset of rules called 'matmo'. Did you mean 'matomo'? Known: adobe,
    amplitude, ...
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        self.kind, self.name, self.known, self.hint = kind, name, tuple(sorted(known)), hint
        super().__init__(kind, name, self.known, hint)

    def __str__(self) -> str:
        return _joined(
            f"there is no {self.kind} called {self.name!r}.",
            did_you_mean(self.name, self.known),
            f"Known: {', '.join(self.known)}.",
            self.hint,
        )


class UnknownParameterError(ClicksessionError, TypeError):
    """A keyword that what was called does not take, with the nearest one that it does.

    Examples
    --------
    >>> import clicksession as cs
    >>> try:
    ...     cs.metrics.SessionDuration(statistics="p90")
    ... except UnknownParameterError as error:
    ...     print(error)
    SessionDuration: there is no parameter 'statistics'. Did you mean 'statistic'?
    """

    def __init__(self, who: str, name: str, known: Iterable[str]) -> None:
        self.who, self.name, self.known = who, name, tuple(known)
        super().__init__(who, name, self.known)

    def __str__(self) -> str:
        near = did_you_mean(self.name, self.known) or f"Known: {', '.join(self.known)}."
        return f"{self.who}: there is no parameter {self.name!r}. {near}"


class UnnamedParameterError(ClicksessionError, TypeError):
    """A value without the name that it needs, with the names that there are.

    Examples
    --------
    >>> import clicksession as cs
    >>> try:
    ...     cs.metrics.SessionDuration("p90")
    ... except UnnamedParameterError as error:
    ...     print(error)
    SessionDuration: 'p90' needs its name. Known: by, where, since, ...
    """

    def __init__(self, who: str, got: object, known: Iterable[str]) -> None:
        self.who, self.got, self.known = who, got, tuple(known)
        super().__init__(who, got, self.known)

    def __str__(self) -> str:
        return f"{self.who}: {self.got!r} needs its name. Known: {', '.join(self.known)}."


class NothingFoundError(ClicksessionError, LookupError):
    """A metric that names events of which none occurs, with those that do, the most first.

    Examples
    --------
    >>> import clicksession as cs
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "user_id": [1], "timestamp": pd.to_datetime(["2024-05-01"]), "event_type": ["buy"]
    ... })
    >>> try:
    ...     cs.metrics.ConversionRate(events=("by",)).compute(events)
    ... except NothingFoundError as error:
    ...     print(error)
    ConversionRate: `events` looks for 'by' events, and no event in a session is one. Those
    that occur: 'buy' (1). Did you mean 'buy'?
    """

    def __init__(
        self,
        who: str,
        parameter: str,
        looked_for: Iterable[str],
        occurring: Iterable[tuple[str | None, int]],
        hint: str = "",
    ) -> None:
        self.who, self.parameter, self.hint = who, parameter, hint
        self.looked_for, self.occurring = tuple(looked_for), tuple(occurring)
        super().__init__(who, parameter, self.looked_for, self.occurring, hint)

    def __str__(self) -> str:
        named = " or ".join(map(repr, self.looked_for))
        sought = f"looks for {named} events" if named else "looks for the types of events"
        found = [
            f"{'no type' if kind is None else repr(kind)} ({count:,})"
            for kind, count in self.occurring[:_SHOWN]
        ]
        more = len(self.occurring) - len(found)
        others = f" and {more} more" if more > 0 else ""
        return _joined(
            f"{self.who}: `{self.parameter}` {sought}, and no event in a session is one.",
            f"Those that occur: {', '.join(found)}{others}." if found else "",
            self.hint,
        )


class NotFoundWarning(UserWarning):
    """Some of the events that a metric or `summarize` names do not occur; it counts the others.

    Examples
    --------
    >>> import clicksession as cs
    >>> import pandas as pd, warnings
    >>> events = pd.DataFrame({
    ...     "user_id": [1], "timestamp": pd.to_datetime(["2024-05-01"]), "event_type": ["buy"]
    ... })
    >>> with warnings.catch_warnings(record=True) as heard:
    ...     warnings.simplefilter("always")
    ...     _ = cs.metrics.Funnel(steps=("buy", "pay")).compute(events)
    >>> print(heard[0].message)
    Funnel: `steps` looks for 'pay' events, and no event in a session is one.
    """


class MissingExtraError(ClicksessionError, ImportError):
    """A package that an optional part needs is not installed.

    Examples
    --------
    >>> print(MissingExtraError("a Delta table", "deltalake", "delta"))
    a Delta table needs the package 'deltalake', which is not installed. Type: pip install
    "clicksession[delta]"
    """

    def __init__(self, purpose: str, package: str, extra: str) -> None:
        super().__init__(purpose, package, extra)
        self.purpose, self.package, self.extra = purpose, package, extra

    def __str__(self) -> str:
        return (
            f"{self.purpose} needs the package {self.package!r}, which is not installed. "
            f'Type: pip install "clicksession[{self.extra}]"'
        )


class ReadError(ClicksessionError, OSError):
    """A source that cannot be read: which one, at which place, why, and what to do.

    Examples
    --------
    >>> import clicksession as cs
    >>> try:
    ...     cs.read_events("s3x://shop/events.json")
    ... except ReadError as error:
    ...     print(error)
    s3x://shop/events.json: no filesystem is known for this protocol. Known everywhere:
    local paths, https://, gs://. Others come with a package, such as s3:// with s3fs.
    """

    def __init__(self, source: str, reason: str, hint: str = "", place: str = "") -> None:
        super().__init__(source, reason, hint, place)
        self.source, self.reason, self.hint, self.place = source, reason, hint, place

    def __str__(self) -> str:
        where = f"{self.source}, {self.place}" if self.place else self.source
        return _joined(f"{where}: {self.reason.rstrip('.')}.", self.hint)


class SourceNotFoundError(ReadError, FileNotFoundError):
    """A file, object, bucket or pattern that leads to nothing.

    Examples
    --------
    >>> import clicksession as cs
    >>> try:
    ...     cs.read_events("no-such-folder/events.json")
    ... except SourceNotFoundError as error:
    ...     print(error)
    no-such-folder/events.json: there is no such file. Paths are relative to ...
    """


class BadRowError(ReadError, ValueError):
    """A line, element or record that is no event.

    Examples
    --------
    >>> import clicksession as cs
    >>> try:
    ...     cs.read_events([{"user_id": 1, "timestamp": "yesterday"}])
    ... except BadRowError as error:
    ...     print(error)
    the dicts, row 1: timestamp is no time: 'yesterday'. Times are ISO 8601
    (2024-05-01T10:00:00Z) or counts since 1970; schema=EventSchema(time_format=…) says
    another form, such as '%d/%m/%Y %H:%M'.
    """


class SchemaError(ReadError, ValueError):
    """A source without a column that the schema maps or the library requires.

    Examples
    --------
    >>> import clicksession as cs
    >>> try:
    ...     cs.read_events([{"who": 1, "timestamp": "2024-05-01"}])
    ... except SchemaError as error:
    ...     print(error)
    the dicts: no row has 'user_id', which feeds 'user_id'. It has: timestamp, who. Map it
    with schema=EventSchema(user_id=…).
    """


class UnsupportedDialectError(ClicksessionError, NotImplementedError):
    """A database that cannot say what was asked, so that nothing is guessed.

    Examples
    --------
    >>> import clicksession as cs
    >>> try:
    ...     cs.to_sql(cs.metrics.Count(), "sqlserver", create="table", name="sessions")
    ... except UnsupportedDialectError as error:
    ...     print(error)
    a table made of a statement has no exact form in the dialect 'mssql' yet. Make a view of
    it, then: SELECT * INTO a_table FROM the_view.
    """

    def __init__(self, construct: str, dialect: str, hint: str = "") -> None:
        super().__init__(construct, dialect, hint)
        self.construct, self.dialect, self.hint = construct, dialect, hint

    def __str__(self) -> str:
        sentence = f"{self.construct} has no exact form in the dialect {self.dialect!r} yet."
        return _joined(sentence, self.hint)


class UnsupportedRuleError(ClicksessionError, NotImplementedError):
    """Rules that an engine cannot follow exactly: which rule, which engine, and the way out.

    Examples
    --------
    >>> import clicksession as cs
    >>> try:
    ...     cs.Sessionizer(rules=cs.Rules.preset("umami"))
    ... except UnsupportedRuleError as error:
    ...     print(error)
    the rule `measured_from='start_by_hour'` cannot be followed exactly by Sessionizer. Use
    clicksession.sessionize over all events, or measured_from='start'.
    """

    def __init__(self, rule: str, engine: str, hint: str = "") -> None:
        super().__init__(rule, engine, hint)
        self.rule, self.engine, self.hint = rule, engine, hint

    def __str__(self) -> str:
        sentence = f"the rule `{self.rule}` cannot be followed exactly by {self.engine}."
        return _joined(sentence, self.hint)


class WriteError(ClicksessionError, RuntimeError):
    """A write that was refused or rolled back: the table, why, and what to do.

    `unsure` says that nobody can know whether it was written: the database went away while it
    was committing. `kept` says what was committed before, and stays.

    Examples
    --------
    >>> import clicksession as cs
    >>> import pandas as pd
    >>> from sqlalchemy import create_engine
    >>> engine = create_engine("duckdb:///:memory:")
    >>> with engine.begin() as connection:
    ...     _ = connection.exec_driver_sql("CREATE TABLE sessions (mine INTEGER)")
    >>> events = pd.DataFrame({"user_id": [1], "timestamp": pd.to_datetime(["2024-05-01"])})
    >>> try:
    ...     _ = cs.SQLWriter(engine).write(events)
    ... except WriteError as error:
    ...     print(error)
    table 'sessions': it is no target of this library (it has no column 'session_id').
    Nothing was written. Use names of your own: Tables(prefix='clicks_'), or another schema
    or database.
    """

    def __init__(
        self, table: str, reason: str, hint: str = "", unsure: bool = False, kept: str = ""
    ) -> None:
        super().__init__(table, reason, hint, unsure, kept)
        self.table, self.reason, self.hint, self.unsure = table, reason, hint, unsure
        self.kept = kept

    def __str__(self) -> str:
        what = "What came after that" if self.kept else "It"
        outcome = f"{what} may or may not have been written"
        if not self.unsure:
            outcome = "Nothing else was written" if self.kept else "Nothing was written"
        reason = f"table {self.table!r}: {self.reason.rstrip('.?! ')}."
        return _joined(reason, self.kept, f"{outcome}.", self.hint)

    def having_kept(self, kept: str) -> Self:
        """Return the same error of a call that had committed something before."""
        kept = f"{kept} {self.kept}".rstrip()
        return type(self)(self.table, self.reason, self.hint, self.unsure, kept)


class NoRoomError(WriteError):
    """A write for which a disk had no room: the target's, or that of the temporary files.

    Examples
    --------
    >>> print(NoRoomError("events", "the disk of the target is full", "Make room."))
    table 'events': the disk of the target is full. Nothing was written. Make room.
    """


class TargetBusyError(WriteError):
    """A target that another writer is at work on.

    Examples
    --------
    >>> print(TargetBusyError("sessions", "another writer is at work", "Wait, or give on_busy."))
    table 'sessions': another writer is at work. Nothing was written. Wait, or give on_busy.
    """


class RulesChangedError(WriteError):
    """A target whose sessions were cut by other rules, or whose events came by another schema.

    Examples
    --------
    >>> import clicksession as cs
    >>> import pandas as pd
    >>> from sqlalchemy import create_engine
    >>> engine = create_engine("duckdb:///:memory:")
    >>> events = pd.DataFrame({"user_id": [1], "timestamp": pd.to_datetime(["2024-05-01"])})
    >>> _ = cs.SQLWriter(engine, timeout="30min").write(events)
    >>> try:
    ...     _ = cs.SQLWriter(engine, timeout="1h").write(events)
    ... except RulesChangedError as error:
    ...     print(error)
    table 'sessions': its sessions were cut by other rules: A session ends after a pause of
    more than 30 minutes. Now: A session ends after a pause of more than 1 hour. Nothing was
    written. Give the same rules, or cut all stored events anew: run(…, rebuild=True), or
    SQLWriter.rebuild().
    """


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known name, or nothing.

    Examples
    --------
    >>> did_you_mean("jsnl", ["csv", "jsonl"])
    "Did you mean 'jsonl'?"
    >>> did_you_mean("GA4", ["ga4", "matomo"])
    "Did you mean 'ga4'?"
    >>> did_you_mean("xyz", ["csv", "jsonl"])
    ''
    """
    names = list(known)
    small = {each.lower(): each for each in names}
    near = get_close_matches(name, names, n=1)
    near = near or [small[each] for each in get_close_matches(name.lower(), small, n=1)]
    return f"Did you mean {near[0]!r}?" if near else ""


def _joined(*sentences: str) -> str:
    """Return sentences as one text; some may be empty."""
    return " ".join(filter(None, sentences))
