"""Each product's rule as the product itself would run it, event by event: what presets must equal.

One function for each, in the product's own terms and units. They share nothing with the library,
and little with one another.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

SECOND = 10**9


@dataclass(frozen=True)
class Hit:
    """One event of one user: nanoseconds since 1970, its campaign, whether it forces a visit.

    The referrer is one from outside; a direct entry, and a page of the site itself, has none. The
    source is that of the campaign.
    """

    time: int
    campaign: str | None = None
    new_visit: bool = False
    referrer: str | None = None
    source: str | None = None


def date_in(zone: str, hit: Hit) -> object:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=hit.time // 1000)
    return moment.astimezone(ZoneInfo(zone)).date()


def numbered(hits: list[Hit], is_new: Callable[[list[Hit], Hit], bool]) -> list[int]:
    """Number the sessions, where a question about the session so far decides for each hit."""
    numbers, session = [0], hits[:1]
    for hit in hits[1:]:
        starts = is_new(session, hit)
        numbers.append(numbers[-1] + starts)
        session = [hit] if starts else [*session, hit]
    return numbers[: len(hits)]


def original(hits: list[Hit]) -> list[int]:
    # The row loop keeps a counter and looks at int(round(seconds / 60)).
    counter, previous, found = 0, None, []
    for hit in hits:
        if previous is not None and round((hit.time - previous) / SECOND / 60) > 30:
            counter += 1
        previous = hit.time
        found.append(counter)
    return found


def inactivity_over(seconds: int) -> Callable[[list[Hit]], list[int]]:
    return lambda hits: numbered(hits, lambda s, hit: hit.time - s[-1].time > seconds * SECOND)


def inactivity_from(seconds: int) -> Callable[[list[Hit]], list[int]]:
    return lambda hits: numbered(hits, lambda s, hit: hit.time - s[-1].time >= seconds * SECOND)


def universal_analytics(hits: list[Hit]) -> list[int]:
    campaign, found, number = None, [], 0
    for place, hit in enumerate(hits):
        last = hits[place - 1] if place else None
        if last is not None:
            idle = hit.time - last.time >= 1800 * SECOND
            if idle:
                number, campaign = number + 1, None
            elif date_in("UTC", hit) != date_in("UTC", last) or (
                hit.campaign and hit.campaign != campaign
            ):
                number += 1
        campaign = hit.campaign or campaign
        found.append(number)
    return found


def matomo(hits: list[Hit]) -> list[int]:
    # VisitorRecognizer, then isVisitNew, then Campaign::shouldForceNewVisit.
    found: list[int] = []
    number, last, actions, stored = -1, 0, 0, ("direct", "")
    for hit in hits:
        now, information = hit.time // SECOND, ("direct", "")
        if hit.campaign:
            information = ("campaign", hit.campaign)
        elif hit.referrer:
            information = ("website", hit.referrer)
        is_known = number >= 0 and actions < 10_000
        is_new = not is_known or hit.new_visit or not last > now - 1800
        is_new = is_new or date_in("UTC", hit) != date_in("UTC", Hit(last * SECOND))
        if not is_new and information[0] == "campaign" and information != stored:
            is_new = stored[0] != "direct"
        if is_new:
            number, actions, stored = number + 1, 0, information
        elif stored[0] == "direct":
            stored = information
        last, actions = now, actions + 1
        found.append(number)
    return found


def adobe(hits: list[Hit]) -> list[int]:
    def is_new(visit: list[Hit], hit: Hit) -> bool:
        hours = hit.time - visit[0].time > 12 * 3600 * SECOND
        burst = len(visit) >= 100 and hit.time - visit[-100].time < 100 * SECOND
        return hit.time - visit[-1].time > 1800 * SECOND or hours or len(visit) >= 2500 or burst

    return numbered(hits, is_new)


def mixpanel(hits: list[Hit]) -> list[int]:
    def is_new(session: list[Hit], hit: Hit) -> bool:
        if hit.time > session[-1].time + 30 * 60 * SECOND:
            return True
        other_day = date_in("UTC", session[0]) != date_in("UTC", hit)
        return other_day or hit.time > session[0].time + 24 * 3600 * SECOND

    return numbered(hits, is_new)


def posthog(hits: list[Hit]) -> list[int]:
    found, number, start, last = [], 0, None, None
    for hit in hits:
        if start is not None and last is not None:
            idle = abs(hit.time - last) > 1800 * SECOND
            if idle or hit.time - start > 24 * 3600 * SECOND:
                number, start = number + 1, None
        start = hit.time if start is None else start
        last = hit.time
        found.append(number)
    return found


def plausible(hits: list[Hit]) -> list[int]:
    # The cache drops what it got more than 30 minutes ago, at once here; then find_session.
    number, cached, found = -1, None, []
    for hit in hits:
        if cached is not None and hit.time - cached > 30 * 60 * SECOND:
            cached = None
        if cached is None or not (hit.time - cached) // (60 * SECOND) <= 30:
            number += 1
        cached = hit.time
        found.append(number)
    return found


def umami(hits: list[Hit]) -> list[int]:
    visits, iat, visit_id = [], None, None
    for hit in hits:
        now = hit.time // SECOND
        made = uuid.uuid5(uuid.NAMESPACE_DNS, str(now // 3600))
        visit_id, iat = visit_id or made, now if iat is None else iat
        if now - iat > 1800:
            visit_id, iat = made, now
        visits.append(visit_id)
    order = list(dict.fromkeys(visits))
    return [order.index(visit) for visit in visits]


def d8a(hits: list[Hit]) -> list[int]:
    # First closed by inactivity; then split, with a new context after each split.
    found: list[int] = []
    number, last = -1, None
    first, count, values = 0, 0, {}  # type: int, int, dict[str, str]
    for hit in hits:
        # Nil is no string and is passed over. (An empty text is none in this library's logs.)
        campaign = hit.campaign or None
        closed = last is None or hit.time - last > 1800 * SECOND
        split = hit.time - first >= 12 * 3600 * SECOND or count >= 1000
        if not split and campaign is not None:
            split = "utm_campaign" in values and values["utm_campaign"] != campaign
        if closed or split:
            number, first, count, values = number + 1, hit.time, 0, {}
        if campaign is not None:
            values["utm_campaign"] = campaign
        count, last = count + 1, hit.time
        found.append(number)
    return found


def pirsch(hits: list[Hit]) -> list[int]:
    # SessionCache.Get, the age of the session, then referrerOrCampaignChanged. The fingerprint of
    # a visitor, which holds the day, is left out: what the preset says it assumes.
    found: list[int] = []
    number, start, time, session = -1, 0, 0, {}  # type: int, int, int, dict[str, str]
    for hit in hits:
        now, minutes = hit.time, 60 * SECOND
        is_found = bool(session) and time > now - 30 * minutes
        if is_found and start < now - 24 * 60 * minutes:
            is_found = False
        request = {
            "referrer": hit.referrer or "",
            "utm_source": hit.source or "",
            "utm_campaign": hit.campaign or "",
        }
        if not is_found or any(value not in ("", session[key]) for key, value in request.items()):
            number, start, session = number + 1, now, request
        time = now
        found.append(number)
    return found


def openpanel(hits: list[Hit]) -> list[int]:
    # withinIdleWindow: the session that is there is taken, or its id is made anew.
    def within_idle_window(ended_at: int, event: int) -> bool:
        return event - ended_at < 1000 * 60 * 30 * (SECOND // 1000)

    return numbered(hits, lambda s, hit: not within_idle_window(s[-1].time, hit.time))


def key_of_redis(is_salted_by_day: bool) -> Callable[[list[Hit]], list[int]]:
    """Get or set a key that is over after 1800 seconds, with the day in its name or without."""

    def sessions(hits: list[Hit]) -> list[int]:
        keys: dict[object, tuple[int, int]] = {}
        found: list[int] = []
        for hit in hits:
            key = date_in("UTC", hit) if is_salted_by_day else "visitor"
            value, expires = keys.get(key, (-1, -1))
            is_over = hit.time > expires
            if is_over:
                value = found[-1] + 1 if found else 0
            keys[key] = value, hit.time + 1800 * SECOND
            found.append(value)
        return found

    return sessions


def shynet(hits: list[Hit]) -> list[int]:
    # Django's cache in memory: a value is over when its moment is at or before now.
    number, expires, found = -1, None, []
    for hit in hits:
        if expires is None or expires <= hit.time:
            number += 1
        expires = hit.time + 1800 * SECOND
        found.append(number)
    return found


def goatcounter(hits: list[Hit]) -> list[int]:
    # EvictSessions, run before each hit, and Memstore.session.
    number, seen, found = -1, None, []
    for hit in hits:
        now = hit.time // SECOND
        if seen is None or not seen > now - 8 * 3600:
            number += 1
        seen = now
        found.append(number)
    return found


def segment_dbt(hits: list[Hit]) -> list[int]:
    def datediff(before: Hit, after: Hit) -> int:
        return after.time // SECOND - before.time // SECOND

    return numbered(hits, lambda s, hit: not datediff(s[-1], hit) <= 30 * 60)


def rudderstack_dbt(hits: list[Hit]) -> list[int]:
    idle = [
        None,
        *((b.time - a.time) // (60 * SECOND) for a, b in pairwise(hits)),
    ]
    starts = [minutes is None or minutes > 30 for minutes in idle]
    return [sum(starts[: place + 1]) - 1 for place in range(len(hits))]


def windows_that(meet: Callable[[int, int], bool]) -> Callable[[list[Hit]], list[int]]:
    """Merge windows of one gap from each event, as stream processors do."""

    def sessions(hits: list[Hit]) -> list[int]:
        merged: list[list[int]] = []
        for start in sorted(hit.time for hit in hits):
            end = start + 1800 * SECOND
            if merged and meet(merged[-1][1], start):
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        return [max(n for n, (start, _) in enumerate(merged) if start <= h.time) for h in hits]

    return sessions


PRODUCTS: dict[str, Callable[[list[Hit]], list[int]]] = {
    "original": original,
    "ga4": inactivity_over(1800),
    "universal_analytics": universal_analytics,
    "adobe": adobe,
    "mixpanel": mixpanel,
    "amplitude": inactivity_over(1800),
    "posthog": posthog,
    "heap": inactivity_over(1800),
    "matomo": matomo,
    "plausible": plausible,
    "umami": umami,
    "d8a": d8a,
    "pirsch": pirsch,
    "openpanel": openpanel,
    "rybbit": key_of_redis(is_salted_by_day=False),
    "swetrix": key_of_redis(is_salted_by_day=True),
    "shynet": shynet,
    "goatcounter": goatcounter,
    "segment_dbt": segment_dbt,
    "rudderstack_dbt": rudderstack_dbt,
    "spark": windows_that(lambda end, start: start <= end),
    "flink": windows_that(lambda end, start: end >= start),
    "beam": windows_that(lambda end, start: end > start),
    "kafka_streams": windows_that(lambda end, start: start - 1800 * SECOND <= end - 1800 * SECOND),
    "retentioneering": inactivity_over(1800),
    "reconstructr": inactivity_from(3600),
}
