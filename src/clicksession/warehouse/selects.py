"""What a job asks: which rows are new, what they touch, and how that is cut anew."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from clicksession.rules import Rules, reasons
from clicksession.sql.constructs import as_text, ascending, code_points, epoch_microseconds
from clicksession.sql.sessionize import sessionize
from clicksession.sql.words import SQLWords
from clicksession.warehouse.names import CHANGED_IN, RUN, Names
from clicksession.windows.words import Window, free_name

__all__ = ["arriving", "cut", "fresh", "near", "pause_of", "pool", "touched"]

_WORDS = SQLWords()
_MICROSECONDS = 1000

# Longer than from any time to any other, and short enough for a time and two of it in 64 bits.
_FOREVER = 2**61


def pause_of(rules: Rules) -> ColumnElement[int]:
    """Return the longest pause between two events that can be of one session, in microseconds."""
    return number(min(rules.longest_pause(_MICROSECONDS), _FOREVER))


def number(value: int) -> ColumnElement[int]:
    """Return a whole number as a constant."""
    return literal_column(str(value), BigInteger())


def arriving(source: FromClause, columns: dict[str, str]) -> Select[Any]:
    """Return the rows of the source that have an id, under the names of the events table."""
    named = [_kept(source.c[of]).label(name) for name, of in columns.items()]
    return select(*named).where(source.c[columns["event_id"]].is_not(None))


def fresh(
    names: Names,
    rows: FromClause,
    events: FromClause | None,
    loaded_at: str | None = None,
    where: Sequence[ColumnElement[bool]] = (),
) -> Select[Any]:
    """Return the rows whose id is not stored yet, one of each id.

    Of several rows with one id it is the one that was loaded first, then the one that happened
    first, then the first by its content.
    """
    order: list[Any] = [rows.c[loaded_at]] if loaded_at else []
    order.append(epoch_microseconds(rows.c.timestamp))
    texts = [rows.c[name] for name in names.given if name not in ("event_id", "timestamp")]
    order += [code_points(as_text(text)) for text in texts]
    nth = func.row_number().over(
        partition_by=_WORDS.whose(rows, "event_id"), order_by=[ascending(each) for each in order]
    )
    absent = select(*rows.c, nth.label("nth_of_id"))
    if events is not None:
        is_there = select(events.c.event_id).where(events.c.event_id == rows.c.event_id, *where)
        absent = absent.where(~is_there.exists())
    ranked = absent.cte("absent")
    return select(*(ranked.c[name] for name in names.given)).where(ranked.c.nth_of_id == 1)


def touched(
    names: Names, new: FromClause, events: FromClause, *where: ColumnElement[bool]
) -> Select[Any]:
    """Return the stored runs of events that lie within a pause of a new event of their user.

    Where rules reach beyond a pause, the users that have a new event.
    """
    if not names.is_bounded:
        users = select(new.c.user_id, *(number(0).label(each) for each in RUN))
        has_time = epoch_microseconds(new.c.timestamp).is_not(None)
        return users.where(new.c.user_id.is_not(None), has_time).distinct()
    pause, points = pause_of(names.rules), _points(names, new, events, where)
    window = Window((_WORDS.whose(points, "user_id"),), (points.c.reached_at, points.c.is_run))
    latest = _WORDS.running_max(points.c.new_at, window).label("latest")
    met = select(*points.c, latest).cte("met")
    since, until = (met.c[name] for name in RUN)
    return (
        select(met.c.user_id, since, func.max(until).label(RUN[1]))
        .where(met.c.is_run == 1, met.c.latest >= since - pause)
        .group_by(met.c.user_id, since)
    )


def _points(
    names: Names, new: FromClause, events: FromClause, where: Sequence[ColumnElement[bool]]
) -> FromClause:
    """Return the new events and the stored runs on one line of time.

    A run is at its end and one pause more: what is new and before that touches it, if it is not a
    pause before its start. So the latest new event before it says whether any does, and nothing is
    compared in pairs.
    """
    since, until = (events.c[name] for name in RUN)
    users = select(new.c.user_id).where(new.c.user_id.is_not(None))
    runs = (
        select(events.c.user_id, since, until)
        .where(events.c.user_id.in_(users), since.is_not(None), *where)
        .distinct()
        .cte("runs")
    )
    at, never = epoch_microseconds(new.c.timestamp), number(-2 * _FOREVER)
    is_new = and_(new.c.user_id.is_not(None), at.is_not(None))
    ends = runs.c[RUN[1]] + pause_of(names.rules)
    labels = ("user_id", "reached_at", "new_at", *RUN, "is_run")
    event = (new.c.user_id, at, at, at, at, number(0))
    run = (runs.c.user_id, ends, never, *(runs.c[name] for name in RUN), number(1))
    return union_all(
        select(*(each.label(name) for each, name in zip(event, labels, strict=True))).where(is_new),
        select(*(each.label(name) for each, name in zip(run, labels, strict=True))),
    ).cte("points")


def near(
    names: Names, runs: FromClause, events: FromClause, *where: ColumnElement[bool]
) -> Select[Any]:
    """Return the stored events of the runs that are touched."""
    is_of = events.c.user_id == runs.c.user_id
    if names.is_bounded:
        is_of = and_(is_of, events.c[RUN[0]] == runs.c[RUN[0]])
    columns = [events.c[name] for name in names.given]
    return select(*columns).select_from(events.join(runs, is_of)).where(*where)


def pool(names: Names, new: FromClause, stored: Select[Any]) -> FromClause:
    """Return what is cut together: the new events, and the stored ones near them."""
    return union_all(select(*(new.c[name] for name in names.given)), stored).cte("pool")


def cut(names: Names, events: FromClause, mark: ColumnElement[int]) -> Select[Any]:
    """Return events with the session of each, the run that it is in, and the mark of a job."""
    rows: FromClause = sessionize(events, names.rules).cte("cut")
    made: dict[str, ColumnElement[Any]] = {}
    if names.is_bounded:
        rows, made = _with_runs(rows, names.rules)
    if "opened_by" in names.derived:
        made["opened_by"] = _local_reason(names, rows.c.start_reason)
    made[CHANGED_IN] = mark
    every = [*names.given, *names.derived]
    return select(*((made[name] if name in made else rows.c[name]).label(name) for name in every))


def _with_runs(rows: FromClause, rules: Rules) -> tuple[FromClause, dict[str, ColumnElement[Any]]]:
    """Return the rows, and of each from when to when its run lasts; null where it has none.

    A run is the stretch between two pauses that an event is in: all that it can change lies within
    it. Where only gaps decide, a run is a session. By other rules it has all events of its user
    that no pause parts, also those that belong to no session.
    """
    if rules.gaps_decide:
        return rows, _of_sessions(rows)
    return _between_pauses(rows, pause_of(rules))


def _of_sessions(rows: FromClause) -> dict[str, ColumnElement[Any]]:
    session, instant = rows.c.session_id, epoch_microseconds(rows.c.timestamp)
    ends = (func.min(instant), func.max(instant))
    return {
        name: case((session.is_not(None), end.over(partition_by=session)))
        for name, end in zip(RUN, ends, strict=True)
    }


def _between_pauses(
    rows: FromClause, pause: ColumnElement[int]
) -> tuple[FromClause, dict[str, ColumnElement[Any]]]:
    taken = set(rows.c.keys())
    at, since, before = (free_name(n, taken) for n in ("at_microsecond", "began", "before"))
    instant = epoch_microseconds(rows.c.timestamp)
    owned = case((rows.c.user_id.is_not(None), instant))
    timed = select(*rows.c, owned.label(at)).cte("timed")

    def theirs(frame: FromClause) -> Window:
        # What has no time or no user is by itself.
        alone = case((frame.c[at].is_(None), 1), else_=0)
        return Window((_WORDS.whose(frame, "user_id"), alone), (frame.c[at],))

    previous = _WORDS.previous(timed.c[at], theirs(timed)).label(before)
    paced = select(*timed.c, previous).cte("paced")
    opens = or_(paced.c[before].is_(None), paced.c[at] - paced.c[before] > pause)
    start = _WORDS.running_max(case((opens, paced.c[at])), theirs(paced)).label(since)
    made = select(*paced.c, start).cte("in_runs")
    whose = (_WORDS.whose(made, "user_id"), made.c[since])
    end = func.max(made.c[at]).over(partition_by=whose)
    return made, {
        RUN[0]: made.c[since],
        RUN[1]: case((made.c[at].is_not(None), cast(end, BigInteger))),
    }


def _local_reason(names: Names, reason: ColumnElement[str]) -> ColumnElement[str]:
    """Return why a session began, as far as the events near it say: not whether it is the first."""
    if not names.is_bounded:
        return reason
    return case((reason == reasons.FIRST, reasons.TIMEOUT), else_=reason)


def _kept(found: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column as it is stored: a text so that it is compared by its code points."""
    return code_points(found) if isinstance(found.type, String) else found
