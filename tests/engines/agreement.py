"""Random logs and rules for an engine, and where its rows differ from those of the plain loop."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pyarrow as pa

from clicksession import Rules
from clicksession.testing.cases import Case as KnownCase
from clicksession.testing.logs import NANOSECONDS, random_log, random_rules
from clicksession.testing.reference import events_of, sessions_of
from tests.engines.frames import Engine, rows

_TYPES = {
    "user_id": (pa.int64(), pa.string()),
    "event_id": (pa.int64(), pa.string()),
    "country": (pa.int64(),),
    "visit": (pa.int64(), pa.string()),
    "n": (pa.int64(),),
    **{name: (pa.bool_(),) for name in ("opens", "closes", "parts", "hidden")},
}


@dataclass(frozen=True)
class Case:
    """A log of plain values, its resolution and zone, and the rules to cut it by."""

    columns: dict[str, list[Any]]
    unit: str
    zone: str | None
    rules: Rules

    def table(self) -> pa.Table:
        """Return the log as Arrow data."""
        return pa.table({name: self._column(name, v) for name, v in self.columns.items()})

    def expected(self) -> dict[int, tuple[Any, ...]]:
        """Return the session of each row, by the plain loop."""
        found = sessions_of(events_of(self.columns, ("patience",)), self.rules)
        explained = not self.rules.has_timeout_only
        return {
            n: (one.id, one.index, one.reason if explained else None) if one else (None,) * 3
            for n, one in zip(self.columns["n"], found, strict=True)
        }

    def _column(self, name: str, values: list[Any]) -> pa.Array:
        if name == "timestamp":
            counts = [None if v is None else v // NANOSECONDS[self.unit] for v in values]
            return pa.array(counts, pa.int64()).cast(pa.timestamp(self.unit, self.zone))
        if name == "patience":
            counts = [None if v is None else v // 1000 for v in values]
            return pa.array(counts, pa.int64()).cast(pa.duration("us"))
        for kind in _TYPES.get(name, ()):
            if all(value is None or isinstance(value, _PYTHON[kind]) for value in values):
                return pa.array(values, kind)
        return pa.array(values, pa.string())


_PYTHON = {pa.int64(): int, pa.string(): str, pa.bool_(): bool}


def random_case(random: Random, of: Engine, events: int) -> Case:
    """Return a log of about so many events, and rules, that an engine can be given."""
    units = list(NANOSECONDS)
    unit = random.choice(units[: units.index(of.unit) + 1])
    columns: dict[str, list[Any]] = {}
    texts = random.random() < 0.5
    while len(columns.get("n", ())) < events:
        _join(columns, random_log(random).columns, NANOSECONDS[unit], texts)
    if not of.ordered or random.random() < 0.5:
        # Where rows have no order, what tells two apart must say which comes first.
        numbers = random.sample(range(-events * 2, events * 2), len(columns["n"]))
        columns["event_id"] = [f"id-{number}" for number in numbers] if texts else numbers
    return Case(columns, unit, random.choice([None, "UTC", "Europe/Amsterdam"]), _rules(random, of))


def cases(seed: int, of: Engine, events: int, at_once: int) -> Iterator[Case]:
    """Give random cases until they have so many events together."""
    random, given = Random(seed), 0
    while given < events:
        case = random_case(random, of, at_once)
        given += len(case.columns["n"])
        yield case


def known_case(known: KnownCase, of: Engine) -> Case:
    """Return a case that ships with the package, for an engine."""
    log = known.log
    size = len(log.columns["user_id"])
    columns = {**log.columns, "n": list(range(size))}
    if not of.ordered:
        # Where the input order decides, an id has to say it.
        columns.setdefault("event_id", list(range(size)))
    return Case(columns, log.unit, log.zone, known.rules)


def disagreements(case: Case, of: Engine) -> list[str]:
    """Return a line for each row of which an engine says something else."""
    found, expected = rows(of.run(case.table(), case.rules)), case.expected()
    if found.keys() != expected.keys():
        return [f"{case.rules!r}: {len(found)} rows came back of {len(expected)}"]
    return [
        f"{case.rules!r} {case.unit} {case.zone} {_row(case, n)}: {found[n]}, not {expected[n]}"
        for n in expected
        if found[n] != expected[n]
    ]


def _row(case: Case, n: int) -> dict[str, Any]:
    return {name: values[n] for name, values in case.columns.items()}


def _join(
    columns: dict[str, list[Any]], more: dict[str, list[Any]], unit: int, texts: bool
) -> None:
    """Append a log, with users of its own, at a resolution."""
    first = len(columns.get("n", ()))
    size = len(more["user_id"])
    more = {**more, "n": list(range(first, first + size)), "event_id": [None] * size}
    names = {user: number for number, user in enumerate(dict.fromkeys(more["user_id"]))}
    more["user_id"] = [
        None if user is None else f"{first}-{user}" if texts else first * 1000 + names[user]
        for user in more["user_id"]
    ]
    more["timestamp"] = [
        time if time is None else time // unit * unit for time in more["timestamp"]
    ]
    more["visit"] = [
        value if value is None else str(value) if texts else _number(value)
        for value in more["visit"]
    ]
    for name, values in more.items():
        columns.setdefault(name, []).extend(values)


def _number(visit: Any) -> int | None:
    """Return a visit of any log as a number; an empty text is none."""
    return visit if isinstance(visit, int) else {"": None, "7": 7, "10": 10}.get(visit, 77)


def _rules(random: Random, of: Engine) -> Rules:
    rules = random_rules(random)
    while rules.sequential and not of.in_passes:
        rules = random_rules(random)
    return rules
