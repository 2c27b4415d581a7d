"""Every metric once more, as plain loops over plain values."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from clicksession.metrics import Period, Role
from tests.logs import THIRTY_MINUTES, microseconds
from tests.oracle import session_of_each

Row = dict[str, Any]
UNITS = {"seconds": 10**6, "minutes": 60 * 10**6, "hours": 3600 * 10**6, "days": 86400 * 10**6}

USUAL = {
    "page_view": {"page_view", "screen_view", "$pageview"},
    "order": {"placed_order"},
    "heartbeat": {"page_ping"},
    "autocapture": {"$autocapture"},
}


@dataclass
class Visit:
    """One session, with its events in order."""

    user: Any
    id: str
    events: list[Row]

    @property
    def start(self) -> int:
        return int(self.events[0]["time"])

    @property
    def end(self) -> int:
        return int(self.events[-1]["time"])

    def value(self, by: Any) -> Any:
        """Return what `by` means for this session."""
        if isinstance(by, Period):
            return first_day(self.start, by)
        own = {
            "user_id": self.user,
            "event_count": len(self.events),
            "duration_seconds": (self.end - self.start) / 1e6,
        }
        return own[by] if by in own else self.events[0][by]


def visits_of(
    events: pd.DataFrame, where: Callable[[Visit], bool] | None = None
) -> dict[Any, list[Visit]]:
    """Return each user's sessions, in order."""
    rows: list[Row] = []
    for row in events.to_dict("records"):
        plain = {str(name): None if pd.isna(value) else value for name, value in row.items()}
        rows.append({**plain, "time": microseconds(row["timestamp"])})
    rows.sort(key=lambda row: (row["time"] is None, row["time"], row["event_id"]))
    users = [row["user_id"] for row in rows]
    found = session_of_each(users, [row["time"] for row in rows], THIRTY_MINUTES)
    visits: dict[Any, dict[str, Visit]] = defaultdict(dict)
    for row, session in zip(rows, found, strict=True):
        if session is not None:
            visit = Visit(row["user_id"], session[0], [])
            visits[row["user_id"]].setdefault(session[0], visit).events.append(row)
    kept = {
        user: [visit for visit in mine.values() if where is None or where(visit)]
        for user, mine in visits.items()
    }
    return {user: mine for user, mine in kept.items() if mine}


def first_day(time: int, period: Period) -> date:
    """Return the first day of the period of a time; of an hour, the instant that it began."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)
    local = moment.astimezone(ZoneInfo(period.zone))
    if period.unit == "hour":
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return moment - past
    day = local.date()
    if period.unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period.unit == "month" else day


def statistic(values: Sequence[Any], name: str) -> float | None:
    """Return the mean, the median or a percentile; of nothing, None."""
    values = sorted(value for value in values if value is not None)
    if not values:
        return None
    if name == "mean":
        return float(sum(map(Fraction, values)) / len(values))
    fraction = Fraction("1/2") if name == "median" else Fraction(name[1:]) / 100
    place = fraction * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return float(values[low] + (Fraction(values[high]) - Fraction(values[low])) * (place - low))


def by_key(pairs: Sequence[tuple[tuple[Any, ...], Any]], name: str) -> dict[Any, float | None]:
    """Return the statistic of the values of each key."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: statistic(values, name) for key, values in groups.items()}


def key_of(metric: Any, visit: Visit) -> tuple[Any, ...]:
    return tuple(visit.value(by) for by in metric.by)


def counts(metric: Any, visit: Visit) -> bool:
    """Say whether a session began in the metric's window of time."""
    return within(metric, visit.start)


def within(metric: Any, microseconds: int) -> bool:
    """Say whether a time lies in the metric's window."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    too_late = metric.until is not None and moment >= metric.until
    return not too_late and (metric.since is None or moment >= metric.since)


def counted(metric: Any, visits: list[Visit]) -> list[Visit]:
    return [visit for visit in visits if counts(metric, visit)]


def played(names: Any, words: dict[str, set[str]] | None = None) -> set[str]:
    """Return the event types that names and roles stand for."""
    found: set[str] = set()
    for name in names:
        if isinstance(name, Role):
            said: Any = name.called or (words or {}).get(name.name)
            found |= set(said or USUAL.get(name.name) or {name.name})
        else:
            found.add(name)
    return found


# What comes before an order.


def before_order(metric: Any, users: dict[Any, list[Visit]]) -> list[tuple[Any, Any]]:
    """Return key and value of each observation."""
    observations = []
    for visits in users.values():
        for key, value in _of_user(metric, visits):
            if key is None or (not value and metric.zeros == "drop"):
                continue
            observations.append((key, value))
    return observations


def _is_order(metric: Any, row: Row) -> bool:
    if metric.order_column is not None:
        return row[metric.order_column] is True
    return row["event_type"] in played(metric.order_events)


def _of_user(metric: Any, visits: list[Visit]) -> list[tuple[Any, Any]]:
    # (session, time) of each order; of each session with one, where that is the unit.
    orders = [
        (place, row["time"])
        for place, visit in enumerate(visits)
        for row in visit.events
        if _is_order(metric, row)
    ]
    one_of_user = metric.per == "user" and metric.orders != "all"
    if metric.per != "order_event" and not one_of_user:
        orders = [
            order for at, order in enumerate(orders) if at == 0 or orders[at - 1][0] != order[0]
        ]
    if not orders:
        if metric.never_buyers == "drop":
            return []
        everything = [(len(visits) - 1, None, visits)]
        return _values(metric, visits, everything)
    chosen = []
    for at, (place, time) in enumerate(orders):
        previous = orders[at - 1][0] if at else None
        if metric.reset == "never" or previous is None:
            first = 0
        else:
            first = previous + (metric.reset == "after_order")
        last = place - (metric.current == "excluded")
        leading = visits[first : last + 1] if first <= last else []
        if metric.earlier_order_sessions == "drop":
            with_orders = {visits[order[0]].id for order in orders} - {visits[place].id}
            leading = [visit for visit in leading if visit.id not in with_orders]
        chosen.append((place, time, leading))
    if metric.orders != "all":
        chosen = [chosen[0] if metric.orders == "first" else chosen[-1]]
    again = [at > 0 and orders[at - 1][0] == orders[at][0] for at in range(len(orders))]
    values = _values(metric, visits, chosen)
    fault = getattr(metric, "fault", None)
    if fault == "minus_one":
        values = [
            (k, -1 if once_more else v) for (k, v), once_more in zip(values, again, strict=True)
        ]
    if fault == "one_for_none":
        values = [
            (k, 1 if once_more or at == 0 else v)
            for at, ((k, v), once_more) in enumerate(zip(values, again, strict=True))
        ]
    if metric.after_last_order == "keep":
        first = orders[-1][0] + (metric.reset == "after_order")
        if visits[first:]:
            values += _values(metric, visits, [(len(visits) - 1, None, visits[first:])])
    return values


def _values(metric: Any, visits: list[Visit], chosen: list[Any]) -> list[tuple[Any, Any]]:
    """Return key and value of each; what a window leaves out has no key."""
    keys = [key_of(metric, visit) if counts(metric, visit) else None for visit in visits]
    made = []
    if metric.per == "user" and metric.orders == "all" and chosen[0][1] is not None:
        groups: dict[Any, list[Any]] = defaultdict(list)
        for place, time, leading in chosen:
            groups[keys[place]] += _pieces(metric, leading, time)
        return [pair for key, pieces in groups.items() for pair in _aggregated(metric, key, pieces)]
    for place, time, leading in chosen:
        made += _aggregated(metric, keys[place], _pieces(metric, leading, time))
    return made


def _pieces(metric: Any, leading: list[Visit], time: int | None) -> list[tuple[int, int, int]]:
    """Return start, end and events that are no orders of each session that counts."""
    pieces = []
    for visit in leading:
        if metric.one_event_sessions == "drop" and len(visit.events) == 1:
            continue
        cut = time is not None and metric.current == "cut"
        if time is not None and metric.current in ("cut", "begun") and visit.start >= time:
            continue
        end = min(visit.end, time) if cut and time is not None else visit.end
        events = [
            row
            for row in visit.events
            if not _is_order(metric, row) and not (cut and row["time"] >= time)
        ]
        pieces.append((visit.start, end, len(events)))
    return pieces


def _aggregated(metric: Any, key: Any, pieces: list[tuple[int, int, int]]) -> list[tuple[Any, Any]]:
    if hasattr(metric, "count"):
        events = sum(count for _, _, count in pieces)
        return [(key, len(pieces) if metric.count == "sessions" else events)]
    unit = UNITS[metric.unit]
    lasted = [Fraction(end - start, unit) for start, end, _ in pieces]
    if metric.aggregate == "pooled":
        return [(key, value) for value in lasted]
    if metric.aggregate == "sum":
        return [(key, sum(lasted))]
    if metric.aggregate == "mean":
        return [(key, sum(lasted) / len(lasted) if lasted else None)]
    if not pieces:
        return [(key, 0)]
    whole = max(end for _, end, _ in pieces) - min(start for start, _, _ in pieces)
    return [(key, Fraction(whole, unit))]
