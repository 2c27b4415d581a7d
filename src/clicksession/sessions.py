"""`sessionize` and `summarize`: from events to sessions, without side effects."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from clicksession.engines.edges import warn_of_none
from clicksession.engines.frames import Eager, Lazy, in_memory, library_of
from clicksession.engines.splitting import split_frame
from clicksession.engines.summarizing import summary_of
from clicksession.errors import ParameterError
from clicksession.keywords import keywords
from clicksession.labels import require_column, require_distinct
from clicksession.quality.ties import EventIds
from clicksession.rules import Rules, as_rules
from clicksession.windows import added_columns
from clicksession.windows.kept import Columns, Counted, Kept
from clicksession.windows.users import as_users, name_beside

__all__ = ["sessionize", "summarize"]


FrameT = TypeVar("FrameT")

# What sessionize() adds to events, and what summarize() makes of them.
_OF_EVENTS = ("session_id", "session_index", "start_reason")
_OF_SESSIONS = (*_OF_EVENTS, "started_at", "ended_at", "duration_seconds", "event_count")


@keywords()
def sessionize(
    events: FrameT,
    timeout: str | timedelta = "30min",
    *,
    rules: Rules | None = None,
    user: str | Sequence[str] = "user_id",
    time: str = "timestamp",
) -> FrameT:
    """Add to each event the session it belongs to.

    A session is a maximal run of one user's events in which no gap is longer than the timeout; a
    gap of exactly the timeout stays in the session. Gaps are compared as integers at the data's
    own resolution. An event without a user or without a time has no session: both new columns are
    null there, and its neighbours are unaffected. The order of the rows going in does not matter,
    and is kept. Aware times compare as instants; naive times are read as UTC.

    Frames in memory are cut by arrays. Lazy and distributed ones get window expressions, or in
    Polars by a timeout these arrays as an expression, which their own engine runs when it is asked
    for rows: nothing is collected here, and rows come in whatever order that engine gives them.
    "Use your own engine" in the documentation says what else differs.

    Parameters
    ----------
    events
        One row per event: a pandas, Polars (eager or lazy) or PySpark DataFrame, a pyarrow
        Table, a DuckDB relation or an Ibis table. It is not changed.
    timeout
        The longest pause within a session: ``"30min"``, a `timedelta` or a `pandas.Timedelta`. A
        number without a unit is refused.
    rules
        The full form of `timeout`, as a `Rules`; it has its own timeout.
    user, time
        The columns that say whose event it is (text or whole numbers) and when it happened
        (datetimes, of any resolution, naive or aware). Several columns may make a user together,
        as in ``user=["account", "device"]``: where one of them is null, there is no user.

    Returns
    -------
    DataFrame
        A frame of the type that was given, with the same rows in the same order, and

        ``session_id`` (text)
            ``{user}:{start of the session in microseconds since 1970}``: the same on every rerun
            and on every engine. Two sessions of one user that start in the same microsecond get
            a suffix, ``.2``. A user of several columns is their texts with a colon between them,
            and in each a backslash before a colon or a backslash, so that no two users are one: as
            of ``Join("account", "device", separator=":")`` in a schema.
        ``session_index`` (Int64)
            1 for the user's first session in this frame, 2 for the next.
        ``start_reason`` (text)
            Why the session began, as `summarize` has it: only with rules by which more than a
            pause ends a session, where the ordinal does not say it.

        Columns that already have these names are replaced, so that a frame can be sessionized
        again with another timeout.

    Raises
    ------
    ParameterError
        A column that is not there or not of such a type, or a timeout without a unit; rules by
        which the order of events of one moment matters, for such a frame without ``event_id``.
    UnsupportedRuleError
        Rules that go through the events in order, for a frame whose engine cannot run the arrays:
        of DuckDB or Ibis.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "user_id": ["ann", "bob", "ann", "ann"],
    ...     "timestamp": pd.to_datetime(
    ...         ["2024-05-01 10:00", "2024-05-01 10:05", "2024-05-01 10:30", "2024-05-01 11:01"]
    ...     ),
    ... })
    >>> sessionize(events)[["user_id", "session_id", "session_index"]]
      user_id            session_id  session_index
    0     ann  ann:1714557600000000              1
    1     bob  bob:1714557900000000              1
    2     ann  ann:1714557600000000              1
    3     ann  ann:1714561260000000              2
    """
    who = "sessionize"
    rules = as_rules(timeout, rules, who=who)
    library = library_of(events, who=who, parameter="events")
    known = library.columns(events)
    require_distinct(library.labels(events), who)
    users = as_users(user, who=who)
    for parameter, name in (*(("user", each) for each in users), ("time", time)):
        require_column(known, name, who, parameter)
    for name in rules.columns:
        require_column(known, name, who, "rules", about="about ")
    one, whole, parts = _in_one_column(library, events, users, time, who)
    found: FrameT = _sessionized(library, one, rules, whole, time, parts)
    if parts:
        found = library.without(found, whole)
    return found


def _sessionized(
    library: Eager | Lazy,
    events: Any,
    rules: Rules,
    user: str,
    time: str,
    parts: Sequence[str],
) -> Any:
    """Return a frame with its sessions, whose users are in one column, made of `parts`."""
    if isinstance(library, Eager):
        return _on_arrays(library, events, rules, user, time, parts)
    library.require(events, user, time, "sessionize")
    library.require_for_rules(events, rules, "sessionize")
    if library.must_pass(rules, library.columns(events)):
        on_arrays = partial(_in_memory, rules=rules, user=user, time=time, parts=parts)
        return library.in_passes(events, rules, user, on_arrays)
    return library.sessionized(events, rules, user, time)


def _in_one_column(
    library: Eager | Lazy, frame: Any, users: Sequence[str], time: str, who: str
) -> tuple[Any, str, Sequence[str]]:
    """Return a frame whose users are in one column, its name, and the several it is made of.

    Of one column there are none: the frame is as it was.
    """
    if len(users) == 1:
        return frame, users[0], ()
    name = name_beside(library.columns(frame))
    if isinstance(library, Eager):
        return library.with_users(frame, users, name, who), name, users
    for each in users:
        library.require(frame, each, time, who)
    return library.with_users(frame, users, name), name, users


def _in_memory(events: Any, *, rules: Rules, user: str, time: str, parts: Sequence[str]) -> Any:
    """Return a piece of a lazy frame, or a distributed one, with its sessions."""
    library = in_memory(events, who="sessionize", parameter="events")
    return _on_arrays(library, events, rules, user, time, parts)


def _on_arrays(
    library: Eager, events: Any, rules: Rules, user: str, time: str, parts: Sequence[str]
) -> Any:
    known = library.columns(events)
    face = library.face(events, list(dict.fromkeys((user, time, *rules.columns))))
    ids_of = EventIds(library, _beside(library, events, parts), user, time, "sessionize")
    split = split_frame(face, rules, ids_of.to_sort_by, user=user, time=time)
    return library.with_taken(events, *split.added(added_columns(rules, known)))


def _beside(library: Eager, events: Any, parts: Sequence[str]) -> Any:
    """Return a frame without what its users are made of: a table has no such columns either."""
    for part in parts:
        events = library.without(events, part)
    return events


@keywords(conversions="counted_events")
def summarize(
    sessionized: FrameT,
    *,
    user: str | Sequence[str] = "user_id",
    time: str = "timestamp",
    first: Columns = (),
    last: Columns = (),
    counted_events: Counted = (),
) -> FrameT:
    """Return one row per session of a frame that has sessions.

    They are those of `sessionize`, or any that a column ``session_id`` gives: then a session is
    what has one id, of one user. Events without a session, a user or a time are left out. Sessions
    come in order of their start, then of their id; from a lazy or distributed frame, in no order.

    Parameters
    ----------
    sessionized
        A frame with ``session_id``, of any type that `sessionize` takes.
    user, time
        The same columns that `sessionize` was told.
    first, last
        Columns of the events of which each session gets the first, or the last, value that is not
        null, in the order of time, then of ``event_id``: ``first={"landing_page": "page_url"}``,
        or ``first=("referrer",)`` under the same name.
    counted_events
        Event types of which each session gets the number of its events: ``"placed_order"`` in the
        column ``placed_order_count``, 0 where it has none; a number goes by its text. Of a frame in
        memory in which no event of a session is of a type, a `NotFoundWarning` names the nearest.

    Returns
    -------
    DataFrame
        ``session_id`` (as in the frame), ``user_id`` (as in the events; the column keeps the name
        that `user` gives, and several columns all keep theirs), ``session_index`` (Int64: where
        the frame has none, the ordinal within
        the user, by the start, then by the id), ``started_at`` and ``ended_at`` (as the times in
        the events, zone included), ``duration_seconds`` (float: 0.0 for a session of one event),
        ``event_count`` (int64), ``start_reason`` (text: ``"first"`` for the first session of its
        user in the frame, ``"timeout"`` for one that began after a pause, or the rule by which it
        began: ``"given"`` (also where the frame has ids alone), ``"midnight"``,
        ``"change:utm_campaign"``, ``"event:login"``, ``"after_event:logout"``,
        ``"max_duration"``, ``"max_events"``, ``"max_rate"``; a column's mark in place of an event
        type is ``"column:…"``); then the columns of `first` and of `last` (as in the events), and
        the counts of `counted_events` (int64).

    Raises
    ------
    ParameterError
        A frame without sessions, a column that is not there, or two of one name; or first and last
        values of a frame without ``event_id`` whose rows have no order.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "user_id": ["ann", "ann", "ann"],
    ...     "timestamp": pd.to_datetime(
    ...         ["2024-05-01 10:00", "2024-05-01 10:30", "2024-05-01 11:01"]
    ...     ),
    ... })
    >>> sessions = summarize(sessionize(events))
    >>> sessions[["session_id", "duration_seconds", "event_count", "start_reason"]]
                 session_id  duration_seconds  event_count start_reason
    0  ann:1714557600000000            1800.0            2        first
    1  ann:1714561260000000               0.0            1      timeout
    """
    who = "summarize"
    library = library_of(sessionized, who=who, parameter="sessionized")
    known = library.columns(sessionized)
    require_distinct(library.labels(sessionized), who, "sessionized")
    if "session_id" not in known:
        must = "a frame that sessionize() made, or one with ids of sessions in 'session_id'"
        raise ParameterError(who, "sessionized", must, "no column 'session_id'")
    users = as_users(user, who=who)
    for parameter, name in (*(("user", each) for each in users), ("time", time)):
        require_column(known, name, who, parameter)
    kept = Kept.given(who, first, last, counted_events, (*users, *_OF_SESSIONS))
    for edge in kept.edges:
        require_column(known, edge.source, who, edge.side)
    if kept.counted_events:
        require_column(known, "event_type", who, "counted_events", about="of events with ")
    one, whole, parts = _in_one_column(library, sessionized, users, time, who)
    summary: FrameT = _summarized(library, one, whole, time, kept, parts)
    return summary


def _summarized(
    library: Eager | Lazy,
    sessionized: Any,
    user: str,
    time: str,
    kept: Kept,
    parts: Sequence[str],
) -> Any:
    """Return one row per session of a frame whose users are in one column, and shown as `parts`."""
    who = "summarize"
    if isinstance(library, Lazy):
        library.require(sessionized, user, time, who)
        return library.summarized(sessionized, user, time, kept, parts)
    looked_at = [edge.source for edge in kept.edges] + ["event_type"] * bool(kept)
    wanted = dict.fromkeys((user, *parts, time, *_OF_EVENTS, *looked_at))
    known = library.columns(sessionized)
    face = library.face(sessionized, [name for name in wanted if name in known])
    ids_of = EventIds(library, _beside(library, sessionized, parts), user, time, who)
    made = summary_of(face, user, time, kept, ids_of.to_sort_by, parts, who=who)
    warn_of_none(kept.counted_events, made, face, who)
    return library.made_of(made.drop(columns=user) if parts else made)
