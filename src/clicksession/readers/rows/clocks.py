"""Put right what clocks of an unknown zone showed, where a record says when its events were.

Every zone is whole quarters of an hour away from UTC. The first and the last instant of a record
leave few of them, mostly one: with it, all of its events lie between the two.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from clicksession.schema import EventSchema, Local

__all__ = ["put_right", "unclear"]

_QUARTER = 900
#: How far a system's own times may differ from one another, in seconds.
_SLACK = 60
_START = datetime(1970, 1, 1, tzinfo=UTC)


def put_right(
    events: Sequence[dict[str, Any]], record: Mapping[str, Any], schema: EventSchema
) -> tuple[list[dict[str, Any]], frozenset[int]]:
    """Return the events of a record with instants for what their clocks showed.

    Also the numbers of those for which no zone fits what their record says. An event without a
    count, and a record that does not say its own times, stay as they are.
    """
    clock = _clock(schema)
    if clock is None:
        return list(events), frozenset()
    name = clock.path.removeprefix(f"{schema.events}.")
    first, last = (_seconds(record.get(str(end))) for end in (clock.first, clock.last))
    shown = [_seconds(_at(event, name)) for event in events]
    known = [count for count in shown if count is not None]
    if not known or (first is None and last is None):
        return list(events), frozenset()
    ahead = _ahead(known, first, last)
    found: list[dict[str, Any]] = []
    lost = set()
    for number, (event, count) in enumerate(zip(events, shown, strict=True)):
        instants = () if count is None else (count - each for each in ahead)
        instant = next((each for each in instants if _is_between(each, first, last)), None)
        if instant is not None:
            event = _with(event, name, (_START + timedelta(seconds=instant)).isoformat())
        elif count is not None:
            lost.add(number)
        found.append(event)
    # Where the schema says the zone, that one holds.
    return found, frozenset() if schema.zone else frozenset(lost)


def unclear(schema: EventSchema) -> str:
    """Return what is wrong with an event for which no zone fits."""
    clock = _clock(schema)
    assert clock is not None
    return (
        f"{clock.path} goes by a clock of which {clock.first} and {clock.last} do not tell the "
        "zone: say it with zone=…"
    )


def _clock(schema: EventSchema) -> Local | None:
    """Return the clock of events within a record that says its own times."""
    within = f"{schema.events}."
    for path in schema.mapping("timestamp"):
        if isinstance(path, Local) and path.first is not None and path.path.startswith(within):
            return path
    return None


def _is_between(instant: int, first: int | None, last: int | None) -> bool:
    is_after = first is None or first - _SLACK <= instant
    return is_after and (last is None or instant <= last + _SLACK)


def _ahead(known: Sequence[int], first: int | None, last: int | None) -> list[int]:
    """Return by how much the clock may be ahead of UTC, the likeliest first.

    The first event begins its record, so its clock is the surest; the last one's may be another's,
    where clocks changed in between.
    """
    by_first = None if first is None else known[0] - first
    by_last = None if last is None else known[-1] - last
    likely = [_quarter(each) for each in (by_first, by_last) if each is not None]
    found = [each for each in likely if each is not None]
    if found or by_first is None or by_last is None:
        return found
    low, high = by_last - _SLACK, by_first + _SLACK
    between = range(-(-low // _QUARTER) * _QUARTER, high + 1, _QUARTER)
    # Of several, none is surer than the others.
    return list(between) if len(between) == 1 else []


def _quarter(ahead: int) -> int | None:
    nearest = round(ahead / _QUARTER) * _QUARTER
    return nearest if abs(ahead - nearest) <= _SLACK else None


def _seconds(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _at(event: Mapping[str, Any], name: str) -> object:
    here: object = event
    for part in name.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here


def _with(event: dict[str, Any], name: str, value: object) -> dict[str, Any]:
    head, dot, rest = name.partition(".")
    inner = _with(event[head], rest, value) if dot else value
    return {**event, head: inner}
