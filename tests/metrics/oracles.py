"""The metrics other than those of orders once more, each as a plain loop: see `oracle`."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement

from clicksession.metrics import (
    Attribution,
    BounceRate,
    CommonPaths,
    ConversionRate,
    Count,
    EngagementRate,
    EventsPerSession,
    EventsPerUser,
    ExitPages,
    Funnel,
    LandingPages,
    NewAndReturning,
    Period,
    Retention,
    Role,
    SessionDuration,
    SessionsPerUser,
    TimeBetweenEvents,
    TimeBetweenSessions,
    TimeBetweenSteps,
    TimeToConvert,
)
from clicksession.metrics.steps import label_of
from tests.metrics.oracle import (
    UNITS,
    Visit,
    by_key,
    counted,
    counts,
    first_day,
    key_of,
    played,
    statistic,
    within,
)

Users = dict[Any, list[Visit]]
Pairs = list[tuple[tuple[Any, ...], Any]]
SECOND = 10**6


def nulls_last(row: Any) -> list[tuple[bool, Any]]:
    return [(part is None, "" if part is None else part) for part in row]


def sessions_per_user(metric: Any, users: Users) -> Pairs:
    found = Counter(
        (user, key_of(metric, visit))
        for user, visits in users.items()
        for visit in counted(metric, visits)
    )
    return [(key, count) for (_, key), count in found.items()]


def events_per_session(metric: Any, users: Users) -> Pairs:
    return [
        (key_of(metric, v), number_of(metric.events, v))
        for visits in users.values()
        for v in counted(metric, visits)
    ]


def number_of(types: Any, visit: Visit) -> int:
    return sum(types is None or event["event_type"] in played(types) for event in visit.events)


def events_per_user(metric: Any, users: Users) -> Pairs:
    numbers: Counter[Any] = Counter()
    for user, visits in users.items():
        for visit in counted(metric, visits):
            numbers[user, key_of(metric, visit)] += number_of(metric.events, visit)
    return [(key, count) for (_, key), count in numbers.items()]


def count(metric: Any, users: Users) -> dict[Any, Any]:
    """Return the number itself, for each key."""
    visits = [visit for mine in users.values() for visit in mine]
    found: dict[Any, Any] = {} if metric.by else {(): 0}
    types = metric.events
    if metric.of in ("events", "conversions"):
        types = types or (("placed_order",) if metric.of == "conversions" else None)
        # A group that has no such event has a row only where groups are those of sessions.
        of_events = not all(by in ("user_id", "event_count") for by in metric.by)
        of_events = of_events or metric.since is not None or metric.until is not None
        for visit in visits:
            for event in visit.events:
                if not within(metric, event["time"]):
                    continue
                key = tuple(_of_event(by, event, visit) for by in metric.by)
                is_one = types is None or event["event_type"] in played(types)
                if is_one or not of_events:
                    found[key] = found.get(key, 0) + is_one
        return found
    whom: dict[Any, set[Any]] = defaultdict(set)
    for visit in counted(metric, visits):
        key = key_of(metric, visit)
        one = visit.user if metric.of == "users" else visit.id
        whom[key] |= {one} if types is None or number_of(types, visit) else set()
    return found | {key: len(those) for key, those in whom.items()}


def _of_event(by: Any, event: Any, visit: Visit) -> Any:
    if isinstance(by, Period):
        return first_day(event["time"], by)
    return visit.value(by) if by in ("user_id", "event_count") else event[by]


def session_duration(metric: Any, users: Users) -> Pairs:
    return [
        (key_of(metric, v), (v.end - v.start) / UNITS[metric.unit])
        for visits in users.values()
        for v in counted(metric, visits)
    ]


def time_between_sessions(metric: Any, users: Users) -> Pairs:
    return [
        (key_of(metric, visit), _away(visits[:at], visit, UNITS[metric.unit]))
        for visits in users.values()
        for at, visit in enumerate(visits)
        if counts(metric, visit)
    ]


def _away(before: list[Visit], visit: Visit, unit: int) -> float | None:
    """Return how long nobody was there before a session, if nobody was."""
    pauses = [visit.start - other.end for other in before]
    return min(pauses) / unit if pauses and min(pauses) >= 0 else None


def time_between_events(metric: Any, users: Users) -> Pairs:
    pairs: Pairs = []
    for visits in users.values():
        for visit in counted(metric, visits):
            pairs.append((key_of(metric, visit), None))
            for before, after in pairwise(visit.events):
                pause = (after["time"] - before["time"]) / UNITS[metric.unit]
                pairs.append((key_of(metric, visit), pause))
    return pairs


def engaged(metric: Any, visit: Visit) -> bool | None:
    kinds = Counter(event["event_type"] for event in visit.events)

    def count(names: tuple[str, ...]) -> int:
        return sum(kinds[name] for name in played(names))

    views, goals = count(metric.view_events), count(metric.conversion_events)
    seconds = (visit.end - visit.start) / SECOND
    if metric.definition == "ga4":
        return seconds > 10 or goals >= 1 or views >= 2
    if metric.definition == "snowplow":
        return views >= 2 or count(metric.heartbeat_events) >= 2 or goals >= 1
    if views == 0:
        return None
    return not (seconds < 10 and count(metric.autocapture_events) == 0 and views == 1)


def engagement(metric: Any, users: Users) -> Pairs:
    pairs: Pairs = []
    for visits in users.values():
        for visit in counted(metric, visits):
            flag = engaged(metric, visit)
            if flag is not None and isinstance(metric, BounceRate):
                flag = not flag
            pairs.append((key_of(metric, visit), None if flag is None else int(flag)))
    return pairs


def converting(metric: Any, visit: Visit) -> list[int]:
    return [event["time"] for event in visit.events if event["event_type"] in played(metric.events)]


def conversion_rate(metric: Any, users: Users) -> Pairs:
    flags: dict[Any, int] = defaultdict(int)
    for user, visits in users.items():
        for visit in counted(metric, visits):
            one = visit.id if metric.per == "session" else user
            flags[one, key_of(metric, visit)] |= bool(converting(metric, visit))
    return [(key, flag) for (_, key), flag in flags.items()]


def time_to_convert(metric: Any, users: Users) -> Pairs:
    pairs: Pairs = []
    for visits in users.values():
        firsts = [(visit, times[0]) for visit in visits if (times := converting(metric, visit))]
        if metric.measured_from == "first_visit":
            firsts = [(visits[0], time) for _, time in firsts[:1]]
        for visit, time in firsts:
            if counts(metric, visit):
                pairs.append((key_of(metric, visit), (time - visit.start) / UNITS[metric.unit]))
    return pairs


def with_shares(found: Counter[Any], width: int) -> list[tuple[Any, ...]]:
    """Return rows (key, what, count, share), the most first within a key."""
    whole: Counter[Any] = Counter()
    for row, count in found.items():
        whole[row[:width]] += count
    rows = [(*row, count, count / whole[row[:width]]) for row, count in found.items()]
    return sorted(rows, key=lambda r: (nulls_last(r[:width]), -r[-2], nulls_last(r[width:-2])))


def attribution(metric: Any, users: Users) -> list[tuple[Any, ...]]:
    found: Counter[Any] = Counter()
    for visits in users.values():
        for at, visit in enumerate(visits):
            if converting(metric, visit) and counts(metric, visit):
                sources = [v.events[0][metric.source] for v in visits[: at + 1]]
                known = [source for source in sources if source is not None]
                chosen = known[0 if metric.model == "first" else -1] if known else None
                found[(*key_of(metric, visit), chosen)] += 1
    return with_shares(found, len(metric.by))


def pages(metric: Any, users: Users) -> list[tuple[Any, ...]]:
    found: Counter[Any] = Counter()
    for visits in users.values():
        for visit in counted(metric, visits):
            seen = [event[metric.page] for event in visit.events]
            seen = [page for page in seen if page is not None] or [None]
            page = seen[0] if isinstance(metric, LandingPages) else seen[-1]
            found[(*key_of(metric, visit), page)] += 1
    return with_shares(found, len(metric.by))


def common_paths(metric: Any, users: Users) -> list[tuple[Any, ...]]:
    found: Counter[Any] = Counter()
    for visits in users.values():
        for visit in counted(metric, visits):
            steps = [e[metric.of] for e in visit.events if e[metric.of] is not None]
            if metric.repeats == "drop":
                steps = steps[:1] + [b for a, b in pairwise(steps) if a != b]
            if steps:
                padded = [*steps, *[None] * metric.length][: metric.length]
                found[(*key_of(metric, visit), *padded)] += 1
    taken: Counter[Any] = Counter()
    rows = []
    for row in with_shares(found, len(metric.by)):
        key = row[: len(metric.by)]
        taken[key] += 1
        if taken[key] <= metric.top:
            rows.append(row)
    return rows


def funnel(metric: Any, users: Users) -> list[tuple[Any, ...]]:
    depths: dict[Any, int] = defaultdict(int)
    for whose, key, way in ways(metric, users):
        depths[whose, key] = max(depths[whose, key], len(way))
    keys = sorted({key for _, key in depths}, key=nulls_last) or ([()] if not metric.by else [])
    rows: list[tuple[Any, ...]] = []
    for key in keys:
        mine = [depth for (_, other), depth in depths.items() if other == key]
        reached = [sum(d >= step for d in mine) for step in range(1, len(metric.steps) + 1)]
        for at, count in enumerate(reached):
            first = count / reached[0] if reached[0] else None
            previous = count / reached[at - 1] if at and reached[at - 1] else None
            rows.append((*key, at + 1, _called(metric.steps[at]), count, first, previous))
    return rows


def _called(step: Any) -> str:
    if isinstance(step, ColumnElement):
        return label_of(step)
    usual = {"page_view": ("page_view", "screen_view", "$pageview"), "order": ("placed_order",)}
    usual |= {"heartbeat": ("page_ping",), "autocapture": ("$autocapture",)}
    found: dict[str, None] = {}
    for name in step:
        types: Any = (name,)
        if isinstance(name, Role):
            types = name.called or usual.get(name.name, (name.name,))
        found |= dict.fromkeys(types)
    return " or ".join(found)


def time_between_steps(metric: Any, users: Users) -> list[tuple[Any, ...]]:
    best: dict[Any, list[int]] = {}
    for whose, key, way in ways(metric, users):
        # Ways come in the order in which they begin.
        if len(way) > len(best.get((whose, key), [])):
            best[whose, key] = way
    spans: dict[Any, list[Any]] = defaultdict(list)
    for (_, key), way in best.items():
        for number in range(2, len(way) + 1):
            since = number - 1 if metric.from_step == "previous" else metric.from_step
            if number > since:
                took = Fraction(way[number - 1] - way[since - 1], UNITS[metric.unit])
                spans[(*key, number)].append(took)
    return [
        (
            *row,
            _called(metric.steps[row[-1] - 1]),
            len(spans[row]),
            statistic(spans[row], metric.statistic),
        )
        for row in sorted(spans, key=nulls_last)
    ]


def ways(metric: Any, users: Users) -> Iterator[tuple[Any, Any, list[int]]]:
    """Give whose each way is, its key, and the times at which it reached one step after another."""
    for user, visits in users.items():
        scopes: dict[Any, list[tuple[Visit, Any]]] = defaultdict(list)
        for visit in visits:
            whose = visit.id if metric.within == "session" else user
            scopes[whose] += [(visit, event) for event in visit.events]
        for whose, events in scopes.items():
            if metric.order == "strict_steps":
                steps = metric.steps
                events = [pair for pair in events if any(meets(s, pair[1]) for s in steps)]
            starts = [at for at, (_, event) in enumerate(events) if meets(metric.steps[0], event)]
            chosen = {"any": starts, "first": starts[:1], "last": starts[-1:]}[metric.start]
            for at in chosen:
                if not counts(metric, events[at][0]):
                    continue
                yield (
                    whose,
                    key_of(metric, events[at][0]),
                    _way(metric, [e for _, e in events[at:]]),
                )


def meets(step: Any, event: Any) -> bool:
    """Say whether an event is one of a step; a condition is known by its text."""
    if isinstance(step, ColumnElement):
        return CONDITIONS[label_of(step)](event)
    return event["event_type"] in played(step)


#: The conditions that tests use as steps, each said in Python too.
CONDITIONS: dict[str, Callable[[Any], bool]] = {
    "page = '/a'": lambda event: event["page"] == "/a",
    "event_type = 'search' AND referrer IS NOT NULL": lambda event: (
        event["event_type"] == "search" and event["referrer"] is not None
    ),
}


def _way(metric: Any, events: list[Any]) -> list[int]:
    """Return the times of the steps that are reached from the first of these events."""
    times = [events[0]["time"]]
    window = metric.within
    for event in events[1:]:
        if len(times) == len(metric.steps):
            break
        took = event["time"] - times[0]
        if window != "session" and took > window // timedelta(microseconds=1):
            break
        if meets(metric.steps[len(times)], event):
            times.append(event["time"])
        elif metric.order != "loose":
            break
    return times


def retention(metric: Any, users: Users) -> list[tuple[Any, ...]]:
    there: dict[Any, set[Any]] = defaultdict(set)
    for user, visits in users.items():
        firsts = moments(metric.first_events, visits)
        for visit, time in firsts if metric.cohort == "active" else firsts[:1]:
            if not counts(metric, visit):
                continue
            cohort = first_day(time, metric.period)
            key = (*key_of(metric, visit), cohort)
            later = {
                _later(metric, cohort, time, t) for _, t in moments(metric.return_events, visits)
            }
            there[(*key, 0)].add(user)
            for number in later - {None}:
                there[(*key, number)].add(user)
    if metric.returning == "on_or_after":
        since: dict[Any, set[Any]] = defaultdict(set)
        for row, those in there.items():
            for number in range(row[-1] + 1):
                since[(*row[:-1], number)] |= those
        there = since
    rows = [
        (
            *row[:-1],
            row[-1],
            len(there[(*row[:-1], 0)]),
            len(those),
            len(those) / len(there[(*row[:-1], 0)]),
        )
        for row, those in there.items()
        if metric.up_to is None or row[-1] <= metric.up_to
    ]
    return sorted(rows, key=lambda row: nulls_last(row[: len(metric.by) + 2]))


def moments(types: Any, visits: list[Visit]) -> list[tuple[Visit, int]]:
    """Return when sessions began, or when events of these types were."""
    if types is None:
        return [(visit, visit.start) for visit in visits]
    return [
        (v, event["time"])
        for v in visits
        for event in v.events
        if event["event_type"] in played(types)
    ]


def _later(metric: Any, cohort: Any, first: int, time: int) -> int | None:
    unit = metric.period.unit
    if metric.periods == "rolling":
        hours = {"hour": 1, "day": 24, "week": 168}[unit]
        return (time - first) // (hours * 3600 * 10**6) if time >= first else None
    day = first_day(time, metric.period)
    if day < cohort:
        return None
    if unit == "month":
        return int((day.year - cohort.year) * 12 + day.month - cohort.month)
    return int((day - cohort).days // (7 if unit == "week" else 1))


def new_and_returning(metric: Any, users: Users) -> list[tuple[Any, ...]]:
    new, returning = defaultdict(set), defaultdict(set)
    for user, visits in users.items():
        first = first_day(visits[0].start, metric.period)
        for visit in counted(metric, visits):
            day = first_day(visit.start, metric.period)
            (new if day == first else returning)[(*key_of(metric, visit), day)].add(user)
    keys = sorted({*new, *returning}, key=nulls_last)
    return [(*key, len(new[key]), len(returning[key])) for key in keys]


NUMBERS: dict[Any, Callable[[Any, Users], Pairs]] = {
    SessionsPerUser: sessions_per_user,
    EventsPerSession: events_per_session,
    EventsPerUser: events_per_user,
    Count: events_per_session,  # not a statistic: see `number`
    SessionDuration: session_duration,
    TimeBetweenSessions: time_between_sessions,
    TimeBetweenEvents: time_between_events,
    EngagementRate: engagement,
    BounceRate: engagement,
    ConversionRate: conversion_rate,
    TimeToConvert: time_to_convert,
}
ROWS: dict[Any, Callable[[Any, Users], list[tuple[Any, ...]]]] = {
    Attribution: attribution,
    LandingPages: pages,
    ExitPages: pages,
    CommonPaths: common_paths,
    Funnel: funnel,
    TimeBetweenSteps: time_between_steps,
    Retention: retention,
    NewAndReturning: new_and_returning,
}


def number(metric: Any, users: Users) -> dict[Any, float | None]:
    """Return what a metric of one number gives, for each key."""
    if isinstance(metric, Count):
        return count(metric, users)
    expected = NUMBERS[type(metric)](metric, users)
    return by_key(expected, getattr(metric, "statistic", "mean"))


def rows(metric: Any, users: Users) -> list[tuple[Any, ...]]:
    """Return what a metric that is a table gives."""
    return ROWS[type(metric)](metric, users)
