"""How much there is: users, sessions, events, and how long they span."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select

from clicksession.metrics import Count, Period
from clicksession.metrics.building.scope import Unit
from clicksession.reporting.asking import Asking
from clicksession.reporting.numbers import counted, day, moment, number, percent, shortened
from clicksession.reporting.pictures import Chart, Mark, bars_of, lines_of
from clicksession.reporting.views import Answer, Listing, Number, Row, View, Words
from clicksession.sql.statistics import nulls_last

__all__ = ["TOP", "Span", "as_day", "headline", "kinds", "over_time", "part_of", "span_of"]

#: How many rows the longest tables have.
TOP = 10
# A picture has no more bars.
_MOST_BARS = 120
_LABELS = 5


@dataclass(frozen=True)
class Span:
    """From when to when sessions began and ended, and what periods that is counted in."""

    first: datetime
    last: datetime
    zone: str

    @property
    def unit(self) -> Unit:
        """The period that gives a picture enough bars, and not too many."""
        days = (self.last - self.first).days
        return "day" if days <= 92 else "week" if days <= 7 * 104 else "month"

    def periods(self, last: date) -> list[date]:
        """Return the first days of the periods up to the last with a session, of many the last."""
        first = _start(self.first.astimezone(ZoneInfo(self.zone)).date(), self.unit)
        found = [last]
        while found[-1] > first and len(found) < _MOST_BARS:
            found.append(_start(found[-1] - timedelta(days=1), self.unit))
        return found[::-1]


def span_of(asking: Asking, zone: str) -> Span | None:
    """Return the span of the sessions, or None where there are none."""
    ((first, last),) = asking.rows(_span(asking))
    return None if first is None else Span(first, last, zone)


def headline(asking: Asking, span: Span | None) -> Iterator[Answer]:
    """Yield the counts at the head of the page."""
    shown: tuple[Literal["users", "sessions", "events"], ...] = ("users", "sessions", "events")
    for of in shown:
        yield asking.answer(of.capitalize(), Count(of=of), lambda n: Number(number(int(n))))
    if span is None:
        yield Answer("Span", why_not="There is no session yet.")
        return
    facts = (("From", moment(span.first, span.zone)), ("to", moment(span.last, span.zone)))
    sentence = f"From the first event in a session to the last, in {span.zone}."
    yield Answer("Span", sentence, asking.sql(_span(asking)), Words(facts))


def over_time(asking: Asking, span: Span | None) -> Answer:
    """Return the sessions of each period."""
    unit: Unit = span.unit if span else "day"
    period = Period(unit, span.zone if span else "UTC")

    def show(found: Any) -> View | None:
        counts = dict(zip(found[unit], found["sessions"], strict=True))
        return _timeline({as_day(key): int(n) for key, n in counts.items()}, span, unit)

    return asking.answer(f"Sessions per {unit}", Count(by=period), show)


def kinds(asking: Asking) -> Answer:
    """Return the types of events that occur, the most first, and how many are in no session."""
    statement = _kinds(asking)
    found, total, inside = asking.rows(statement), *_totals(asking)
    rows = [
        part_of("(no type)" if kind is None else shortened(kind), int(count), total)
        for kind, count in found[:TOP]
    ]
    rest = total - sum(int(count) for _, count in found[:TOP])
    if len(found) > TOP and rest:
        rows.append(part_of("All others", rest, total))
    outside = total - inside
    note = (
        f"{counted(outside, 'event')} ({percent(outside / total)}) are in no session: without a "
        "user or a time, or left out by the rules. They are kept, and counted here alone."
    )
    sentence = "The number of all stored events of each type, in sessions or not."
    view = Listing(("Type", "Events", "Share"), rows) if rows else None
    notes = (note,) if outside else ()
    why_not = "" if view else "There is no event yet."
    return Answer("Types of events", sentence, asking.sql(statement), view, why_not, notes)


def _kinds(asking: Asking) -> Select[Any]:
    kind: ColumnElement[Any] = asking.tables.events.c.event_type
    count = func.count().label("events")
    counted = select(kind.label("event_type"), count).group_by(kind)
    # One more than is shown tells whether there are others.
    return counted.order_by(count.desc(), *nulls_last([kind])).limit(TOP + 1)


def _totals(asking: Asking) -> tuple[int, int]:
    """Return how many events there are, and how many are in a session."""
    events = asking.tables.events
    columns: list[ColumnElement[Any]] = [func.count(), func.count(events.c.session_id)]
    ((total, inside),) = asking.rows(select(*columns).select_from(events))
    return int(total), int(inside)


def part_of(name: str, count: int, total: int) -> Row:
    """Return the row of a part of all that is counted, with its share."""
    return Row(name, (f"{count:,}", percent(count / total)), count / total)


def _span(asking: Asking) -> Select[Any]:
    sessions = asking.tables.sessions.c
    return select(
        func.min(sessions.started_at).label("first_event"),
        func.max(sessions.ended_at).label("last_event"),
    )


def _timeline(counts: dict[date, int], span: Span | None, unit: Unit) -> View | None:
    if span is None or not counts:
        return None
    periods = span.periods(max(counts))
    earlier = sum(count for key, count in counts.items() if key < periods[0])
    width = 100 / len(periods)
    shown = [(key, counts.get(key, 0)) for key in periods]
    bars = bars_of(
        [
            (place * width, (place + 1) * width, count, f"{day(key, unit)}: {count:,}")
            for place, (key, count) in enumerate(shown)
        ]
    )
    rows = [(day(key, unit), f"{count:,}") for key, count in shown]
    if earlier:
        rows.insert(0, ("All earlier", f"{earlier:,}"))
    most = max(count for _, count in shown)
    words = f"Bars for each {unit} from {rows[0][0]} to {rows[-1][0]}; the highest is {most:,}."
    ticks = _ticks(periods, unit)
    return Chart(words, bars, lines_of(most), ticks, (unit.capitalize(), "Sessions"), rows)


def _ticks(periods: list[date], unit: Unit) -> list[Mark]:
    """Return some periods, evenly spread, to name along the axis."""
    last = len(periods) - 1
    count = min(_LABELS, len(periods))
    places = sorted({round(last * n / max(count - 1, 1)) for n in range(count)})
    return [
        Mark(
            round((place + 0.5) * 100 / len(periods), 2),
            day(periods[place], unit),
            is_minor=place not in (0, last) and count > 3,
        )
        for place in places
    ]


def _start(value: date, unit: Unit) -> date:
    if unit == "week":
        return value - timedelta(days=value.weekday())
    return value.replace(day=1) if unit == "month" else value


def as_day(value: Any) -> date:
    """Return a day as every database gives it."""
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value.date() if isinstance(value, datetime) else value
