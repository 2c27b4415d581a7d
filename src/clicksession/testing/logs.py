"""Logs as plain values, and random ones that are dense in what is hard: boundaries, ties, nulls."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from clicksession.rules import Rules
from clicksession.testing.reference import Event, events_of

__all__ = ["Log", "random_log", "random_rules"]

NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_SECOND, _MINUTE = 10**9, 60 * 10**9
_FLAGS = ("opens", "closes", "parts", "hidden")
_DURATIONS = ("patience",)
# Of each kind of event, which types random rules may name, and which column.
_KINDS: dict[str, tuple[tuple[Any, ...], str]] = {
    "start": (("login", ("login", "view")), "opens"),
    "end": (("logout", ("logout", "view")), "closes"),
    "delimiter": (("---",), "parts"),
    "excluded": (("ping",), "hidden"),
}

# Where random logs start: 1970 and before, daylight-saving changes of Amsterdam, a leap day, a
# year's end, and the last days that nanoseconds reach.
_STARTS = (
    "1970-01-01T00:00:00",
    "1969-12-31T23:29:59",
    "2024-03-31T00:30:00",
    "2024-10-27T00:10:00",
    "2024-02-29T22:45:00",
    "2023-12-31T22:40:00",
    "2262-04-10T10:00:00",
)
_USERS: list[list[Any]] = [["ann", "bob", "o'hara:1", "7"], [1, -5, 2**62], ["é🙂"]]
_VISITS: list[list[Any]] = [[None, "7", "10", "b", ""], [None, 7, 10, -3], ["a"]]
_ZONES = ("UTC", "Europe/Amsterdam", "America/St_Johns", "Asia/Kathmandu")


@dataclass(frozen=True)
class Log:
    """A log of plain values.

    Attributes
    ----------
    columns
        ``user_id``, ``timestamp`` in nanoseconds since 1970, and others; a null is None. The
        columns opens, closes, parts and hidden hold True and False, patience nanoseconds.
    unit
        The resolution that a frame of it has: s, ms, us or ns.
    zone
        The time zone of its times, or None for naive ones.
    """

    columns: dict[str, list[Any]]
    unit: str = "us"
    zone: str | None = "UTC"

    def events(self) -> list[Event]:
        """Return the events as the plain loop takes them."""
        return events_of(self.columns, _DURATIONS)

    def pandas(self) -> pd.DataFrame:
        """Return a pandas frame of the log."""
        return pd.DataFrame(
            {name: self._column(name, values) for name, values in self.columns.items()}
        )

    def _column(self, name: str, values: list[Any]) -> pd.Series:
        if name == "timestamp":
            times = _counts(values, self.unit).view(f"datetime64[{self.unit}]")
            naive = pd.Series(times)
            if self.zone is None:
                return naive
            return naive.dt.tz_localize("UTC").dt.tz_convert(self.zone)
        if name in _DURATIONS:
            return pd.Series(_counts(values, "ns").view("timedelta64[ns]"))
        if name in _FLAGS:
            return pd.Series(values, dtype="boolean")
        if any(isinstance(value, int) for value in values):
            return pd.Series(values, dtype="Int64")
        return pd.Series(values, dtype="str")


def random_log(random: Random, most: int = 30) -> Log:
    """Return a log of up to so many events, in any order.

    Its times are whole units of its resolution, and within an hour or two of one another for
    most of its users.
    """
    size = random.randint(0, most)
    unit = random.choice(list(NANOSECONDS))
    users: list[Any] = random.choice(_USERS)
    # The last of them leaves room for 37 of the longest steps.
    start = pd.Timestamp(random.choice(_STARTS if size < 37 else _STARTS[:-1])).value
    steps = _steps(random, unit)
    times, now = [], start
    for _ in range(size):
        now += random.choice(steps)
        times.append(None if random.random() < 0.05 else now)
    columns: dict[str, list[Any]] = {
        "user_id": [None if random.random() < 0.05 else random.choice(users) for _ in times],
        "timestamp": times,
        "event_type": random.choices(["view", "login", "logout", "---", "ping", None], k=size),
        "campaign": random.choices([None, "", "a", "b"], k=size),
        "visit": random.choices(random.choice(_VISITS), k=size),
        "country": random.choices([None, 1, 2], k=size),
        "patience": random.choices([None, _SECOND, 30 * _SECOND, 40 * _MINUTE], k=size),
        **{name: random.choices([None, False, False, True], k=size) for name in _FLAGS},
    }
    if random.random() < 0.7:
        columns["event_id"] = _event_ids(random, size)
    order = random.sample(range(size), size)
    columns = {name: [values[row] for row in order] for name, values in columns.items()}
    return Log(columns, unit, random.choice([None, "UTC", "Europe/Amsterdam"]))


def random_rules(random: Random) -> Rules:
    """Return rules of any kind, with limits that random logs come up to."""
    given: dict[str, Any] = {}

    def maybe(chance: float, **values: tuple[Any, ...]) -> None:
        if random.random() < chance:
            given.update({name: random.choice(choices) for name, choices in values.items()})

    boundaries = ("same", "new")
    maybe(0.2, max_duration=("1min", "1h", "100s"), at_max_duration=boundaries)
    maybe(0.2, max_events=(2, 3, 5), at_max_events=boundaries)
    maybe(0.2, max_rate=((1, "1s"), (2, "1min"), (3, "30min")))
    maybe(0.2, midnight=_ZONES)
    maybe(0.15, session_column=("visit",))
    kinds: tuple[str, ...] = ("excluded",)
    if "session_column" not in given:
        kinds = _maybe_by_content(random, maybe, given)
    for kind in kinds:
        event_types, column = _KINDS[kind]
        maybe(0.15, **{f"{kind}_events": event_types})
        maybe(0.15, **{f"{kind}_column": (column,)})
    ends = any(not name.startswith("excluded") for name in given)
    if ends and random.random() < (0.4 if "session_column" in given else 0.1):
        return Rules(None, **given)
    maybe(1.0, timeout=("1s", "30s", "90s", "1min", "30min"), at_timeout=boundaries)
    maybe(0.3, resolution=("second", "minute"), rounding=("down", "nearest"))
    if given.get("resolution"):
        maybe(0.5, rounded=("gap", "times"))
    maybe(0.15, timeout_column=("patience",))
    if "timeout_column" not in given:
        limits = {"change_memory", "max_duration", "max_events", "max_rate"} & set(given)
        from_start = ("start",) if limits else ("start", "start_by_hour")
        maybe(0.15, measured_from=from_start)
    return Rules(**given)


def _maybe_by_content(
    random: Random, maybe: Callable[..., None], given: dict[str, Any]
) -> tuple[str, ...]:
    """Add rules about values that change and bounds; return the kinds of events that may follow."""
    maybe(
        0.2,
        change=("campaign", ("country", "campaign")),
        change_from_empty=(False, True),
        change_to_empty=(False, True),
    )
    if given.get("change_to_empty") is False:
        maybe(0.4, change_memory=("pause", "session"))
    if given.get("change_memory") == "session" and not given["change_from_empty"]:
        maybe(0.5, change_from_column=("visit",))
    if random.random() > 0.15:
        return tuple(_KINDS)
    kinds: tuple[str, ...] = random.choice([("start", "end"), ("delimiter",)])
    given.update({f"{kind}_events": random.choice(_KINDS[kind][0]) for kind in kinds})
    given["between"] = True
    return (*kinds, "excluded")


def _steps(random: Random, unit: str) -> list[int]:
    """Return steps of time that land on the boundaries of the rules and one unit beside them."""
    one = NANOSECONDS[unit]
    lengths = [
        _SECOND,
        30 * _SECOND,
        _MINUTE,
        90 * _SECOND,
        30 * _MINUTE,
        1830 * _SECOND,
        3600 * _SECOND,
    ]
    exact = random.sample(lengths, 3)
    beside = [step + way * one for step in exact for way in (-1, 1)]
    return [0, 0, one, *exact, *beside]


def _event_ids(random: Random, size: int) -> list[Any]:
    ids: list[Any] = random.sample(range(-size, size), size)
    if random.random() < 0.5:
        ids = [f"id-{number}" for number in ids]
    return [None if random.random() < 0.1 else event_id for event_id in ids]


def _counts(values: list[int | None], unit: str) -> np.ndarray:
    """Return nanoseconds as counts of a unit, with the count that stands for none."""
    missing = np.iinfo(np.int64).min
    counts = [missing if value is None else value // NANOSECONDS[unit] for value in values]
    return np.array(counts, dtype=np.int64)
