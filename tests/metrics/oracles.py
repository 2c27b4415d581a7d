"""The metrics other than those of orders once more, each as a plain loop: see `oracle`."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

from clicksession.metrics import (
    Attribution,
    BounceRate,
    CommonPaths,
    ConversionRate,
    EngagementRate,
    EventsPerSession,
    ExitPages,
    Funnel,
    LandingPages,
    NewAndReturning,
    Retention,
    Role,
    SessionDuration,
    SessionsPerUser,
    TimeBetweenEvents,
    TimeBetweenSessions,
    TimeToConvert,
)
from tests.metrics.oracle import UNITS, Visit, by_key, counted, counts, first_day, key_of, played

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
        (key_of(metric, v), len(v.events))
        for visits in users.values()
        for v in counted(metric, visits)
    ]


def session_duration(metric: Any, users: Users) -> Pairs:
    return [
        (key_of(metric, v), (v.end - v.start) / UNITS[metric.unit])
        for visits in users.values()
        for v in counted(metric, visits)
    ]


def time_between_sessions(metric: Any, users: Users) -> Pairs:
    return [
        (key_of(metric, visit), None if at == 0 else (visit.start - visits[at - 1].end) / unit)
        for visits in users.values()
        for at, visit in enumerate(visits)
        for unit in [UNITS[metric.unit]]
        if counts(metric, visit)
    ]


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

    views, goals = count(metric.views), count(metric.conversions)
    seconds = (visit.end - visit.start) / SECOND
    if metric.definition == "ga4":
        return seconds > 10 or goals >= 1 or views >= 2
    if metric.definition == "snowplow":
        return views >= 2 or count(metric.heartbeats) >= 2 or goals >= 1
    if views == 0:
        return None
    return not (seconds < 10 and count(metric.autocaptures) == 0 and views == 1)


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
    for user, visits in users.items():
        scopes: dict[Any, list[tuple[Visit, Any]]] = defaultdict(list)
        for visit in visits:
            whose = visit.id if metric.within == "session" else user
            scopes[whose] += [(visit, event) for event in visit.events]
        for whose, events in scopes.items():
            for at, (visit, event) in enumerate(events):
                if event["event_type"] in played(metric.steps[:1]) and counts(metric, visit):
                    key = key_of(metric, visit)
                    deep = _deep(metric, events[at + 1 :], event["time"])
                    depths[whose, key] = max(depths[whose, key], deep)
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
    if isinstance(step, Role):
        usual = {"page_view": ("page_view", "screen_view", "$pageview"), "order": ("placed_order",)}
        usual |= {"heartbeat": ("page_ping",), "autocapture": ("$autocapture",)}
        called: Any = step.called or usual.get(step.name, (step.name,))
        return " or ".join(called)
    return str(step)


def _deep(metric: Any, rest: list[Any], began: int) -> int:
    """Return how many steps can be reached from here: by trying every way."""
    deepest = {1}
    for _, event in rest:
        window = metric.within
        is_late = window != "session" and event["time"] - began > window // timedelta(
            microseconds=1
        )
        if is_late:
            break
        deepest |= {
            d + 1
            for d in deepest
            if d < len(metric.steps) and event["event_type"] in played(metric.steps[d : d + 1])
        }
    return max(deepest)


def retention(metric: Any, users: Users) -> list[tuple[Any, ...]]:
    sizes: Counter[Any] = Counter()
    returned: Counter[Any] = Counter()
    for visits in users.values():
        if not counts(metric, visits[0]):
            continue
        cohort = first_day(visits[0].start, metric.period)
        key = (*key_of(metric, visits[0]), cohort)
        sizes[key] += 1
        for later in {_later(cohort, visit, metric.period) for visit in visits}:
            returned[(*key, later)] += 1
    rows = [(*key, sizes[key[:-1]], n, n / sizes[key[:-1]]) for key, n in returned.items()]
    return sorted(rows, key=lambda row: nulls_last(row[: len(metric.by) + 2]))


def _later(cohort: Any, visit: Visit, period: Any) -> int:
    day = first_day(visit.start, period)
    if period.unit == "month":
        return int((day.year - cohort.year) * 12 + day.month - cohort.month)
    return (day - cohort).days // (7 if period.unit == "week" else 1)


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
    Retention: retention,
    NewAndReturning: new_and_returning,
}


def number(metric: Any, users: Users) -> dict[Any, float | None]:
    """Return what a metric of one number gives, for each key."""
    expected = NUMBERS[type(metric)](metric, users)
    return by_key(expected, getattr(metric, "statistic", "mean"))


def rows(metric: Any, users: Users) -> list[tuple[Any, ...]]:
    """Return what a metric that is a table gives."""
    return ROWS[type(metric)](metric, users)
