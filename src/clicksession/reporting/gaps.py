"""How long people pause between two events, with the timeout that cuts and the one they suggest."""

from collections.abc import Sequence
from datetime import timedelta
from math import log2
from typing import Any

from sqlalchemy import Select, case, func, literal_column, select

from clicksession.durations import in_words
from clicksession.reporting.asking import Asking
from clicksession.reporting.numbers import counted, number, percent
from clicksession.reporting.pictures import Chart, Mark, bars_of, lines_of
from clicksession.reporting.views import Answer
from clicksession.rules import Rules
from clicksession.sql.constructs import ascending, epoch_microseconds, lacks_instant, previous
from clicksession.timeouts import suggest_timeout
from clicksession.timeouts.statements import place_among

__all__ = ["gaps"]

_SECOND, _MICROSECOND = 1_000_000, timedelta(microseconds=1)
# Two bars to each doubling, from one second to some 97 days. Their edges are whole microseconds,
# so that every database puts a gap under the same one.
_BARS = 46
_EDGES = tuple(round(_SECOND * 2 ** (place / 2)) for place in range(_BARS + 1))
_TICKS = (
    (1, "1 s", False),
    (10, "10 s", True),
    (60, "1 min", False),
    (600, "10 min", True),
    (3600, "1 h", False),
    (6 * 3600, "6 h", True),
    (86_400, "1 day", False),
    (7 * 86_400, "1 week", True),
    (30 * 86_400, "30 days", True),
)
_LONGEST = 12
_UNITS = ((86_400, "days"), (3600, "h"), (60, "min"), (1, "s"))
_SENTENCE = (
    "The number of pauses between two events of one user that follow each other, by their length, "
    "on a scale that doubles every two bars."
)


def gaps(asking: Asking, rules: Rules | None) -> Answer:
    """Return the pauses between the events of each user, by their length.

    Parameters
    ----------
    asking
        The target.
    rules
        What made its sessions; None where it does not say.
    """
    title, timeout = "Pauses between events", None if rules is None else rules.timeout
    assert not isinstance(timeout, str)
    statement = _statement(asking, timeout)
    found = [tuple(map(int, row)) for row in asking.rows(statement)]
    if not found:
        why_not = "No user has two events with a time, so there is no pause."
        return Answer(title, _SENTENCE, asking.sql(statement), why_not=why_not)
    counts = {place: count for place, count, _ in found}
    suggestion = suggest_timeout(asking.connection, tables=asking.tables)
    split = _split(sum(longer for *_, longer in found), counts, timeout)
    verdict = suggestion.verdict
    suggested = f"What suggest_timeout() finds in all pauses: {verdict[0].lower()}{verdict[1:]}"
    notes = filter(None, (split, _beyond(counts), suggested))
    chart = _chart(counts, timeout, suggestion.timeout)
    return Answer(title, _SENTENCE, asking.sql(statement), chart, "", tuple(notes))


def _statement(asking: Asking, timeout: timedelta | None) -> Select[Any]:
    """Return how many pauses are in each class, and how many of them exceed the timeout.

    Class 0 is that of the shortest, which are under no bar.
    """
    events = asking.tables.events.c
    # Counted before the window, since SQLite would count again for each class that is tried.
    moment = epoch_microseconds(events.timestamp)
    before = previous(moment).over(
        partition_by=events.user_id, order_by=[events.timestamp, ascending(events.event_id)]
    )
    pause = moment - before
    pauses = (
        select(pause.label("microseconds"))
        .where(events.user_id.is_not(None), ~lacks_instant(events.timestamp))
        .cte("pauses")
    )
    pause = pauses.c.microseconds
    limit = 0 if timeout is None else timeout // _MICROSECOND
    is_longer = case((pause > literal_column(str(limit)), 1), else_=0)
    classed = select(place_among(pause, _EDGES).label("class"), is_longer.label("is_longer"))
    classes = classed.where(pause.is_not(None)).cte("classes")
    each = classes.c["class"]
    longer = func.sum(classes.c.is_longer).label("longer")
    return select(each, func.count().label("pauses"), longer).group_by(each).order_by(each)


def _split(longer: int, counts: dict[int, int], timeout: timedelta | None) -> str:
    """Return how many pauses are longer than the timeout."""
    if timeout is None:
        return "The rules have no timeout, or the target does not say: no line is drawn."
    share = percent(longer / sum(counts.values()))
    paused = counted(longer, "pause is", "pauses are")
    return f"The timeout is {in_words(timeout)}; {paused} longer ({share} of all)."


def _beyond(counts: dict[int, int]) -> str:
    """Return what is under no bar: what lasts less than a second, and more than all of them."""
    short, long = counts.get(0, 0), counts.get(_BARS + 1, 0)
    parts = [f"{counted(short, 'pause')} of less than a second"] if short else []
    parts += [f"{counted(long, 'pause')} of more than {_words(_EDGES[-1])}"] if long else []
    return f"Under no bar: {' and '.join(parts)}." if parts else ""


def _chart(counts: dict[int, int], timeout: timedelta | None, suggested: timedelta | None) -> Chart:
    shown = [(place, counts.get(place, 0)) for place in range(1, _BARS + 1)]
    values = [
        (_left(_EDGES[place - 1]), _left(_EDGES[place]), count, f"{_between(place)}: {count:,}")
        for place, count in shown
    ]
    most = max(shown, key=lambda each: each[1])
    words = (
        f"Bars of pauses by length, from a second to {_words(_EDGES[-1])}; "
        f"most are of {_between(most[0])}."
    )
    lines = _timeout_lines(timeout, suggested)
    words += _marked(lines, timeout, suggested)
    ticks = [Mark(_left(seconds * _SECOND), name, minor) for seconds, name, minor in _TICKS]
    rows = _rows(counts)
    return Chart(words, bars_of(values), lines_of(most[1]), ticks, ("Pause", "Pauses"), rows, lines)


def _rows(counts: dict[int, int]) -> Sequence[tuple[str, str]]:
    names = {0: "less than 1 s", _BARS + 1: f"{_words(_EDGES[-1])} or more"}
    return [
        (names.get(place) or _between(place), f"{counts.get(place, 0):,}")
        for place in range(_BARS + 2)
    ]


def _timeout_lines(timeout: timedelta | None, suggested: timedelta | None) -> list[Mark]:
    """Return a line for the timeout that cuts, and one for another that is suggested."""
    lines = []
    if timeout is not None and _EDGES[0] <= timeout // _MICROSECOND <= _EDGES[-1]:
        short = in_words(timeout)
        # What is longer has no room beside its line, and stands in a note below.
        label = f"timeout: {short}" if len(short) <= _LONGEST else "timeout"
        lines.append(Mark(_left(timeout // _MICROSECOND), label))
    if suggested is not None and suggested != timeout:
        # Away from the other line, which goes down beside the name.
        side = "end" if timeout is not None and suggested < timeout else "start"
        place = _left(suggested // _MICROSECOND)
        lines.append(Mark(place, "suggested", side=side, is_suggested=True))
    return lines


def _marked(lines: Sequence[Mark], timeout: timedelta | None, suggested: timedelta | None) -> str:
    """Return in words which lines are drawn."""
    names = {True: ("suggested timeout", suggested), False: ("timeout", timeout)}
    marked = [names[line.is_suggested] for line in lines]
    return "".join(f" A line marks the {name} of {in_words(at)}." for name, at in marked if at)


def _left(microseconds: int) -> float:
    return round(log2(microseconds / _SECOND) / (_BARS / 2) * 100, 2)


def _between(place: int) -> str:
    return f"{_words(_EDGES[place - 1])} to {_words(_EDGES[place])}"


def _words(microseconds: int) -> str:
    seconds = microseconds / _SECOND
    size, name = next(unit for unit in _UNITS if seconds >= unit[0])
    return f"{number(round(seconds / size, 1))} {name}"
