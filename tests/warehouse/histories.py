"""Random histories of a source: batches that come late, twice and in any order, by any rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from clicksession import Rules
from clicksession.sql.tables import Instant, Key, Words
from clicksession.testing.logs import random_log, random_rules
from clicksession.testing.reference import Event, sessions_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS: dict[str, Any] = {
    "event_id": sa.BigInteger(),
    "timestamp": Instant(),
    "event_type": Words(),
    "campaign": Words(),
    "visit": Words(),
    "country": sa.BigInteger(),
    "opens": sa.Boolean(),
    "closes": sa.Boolean(),
    "parts": sa.Boolean(),
    "hidden": sa.Boolean(),
}

Row = dict[str, Any]


@dataclass
class History:
    """Rules, and batches of rows; times are whole microseconds."""

    rules: Rules
    batches: list[list[Row]]
    user: Any = field(default_factory=Key)

    def source(self, name: str = "raw_log") -> sa.Table:
        kinds = {"user_id": self.user, **_KINDS}
        columns = (sa.Column(n, k, autoincrement=False) for n, k in kinds.items())
        return sa.Table(name, sa.MetaData(), *columns)


def drawn_rules(random: Random) -> Rules:
    """Return rules that windows can say."""
    while True:
        rules = random_rules(random)
        # Not every database has a type for own timeouts.
        if not rules.sequential and rules.timeout_column is None:
            return rules


def history(
    random: Random,
    rules: Rules | None = None,
    most: int = 30,
    until: int = 9999,
    changes: bool = True,
) -> History:
    """Return a history before a year; of one id, the row that came first is the event.

    With `changes`, a row comes again with other content.
    """
    log = random_log(random, most)
    while any(_year(time) >= until for time in log.columns["timestamp"]):
        log = random_log(random, most)
    columns = dict(log.columns)
    size = len(columns["user_id"])
    columns["event_id"] = random.sample(range(-size, size), size) if size else []
    is_number = any(isinstance(user, int) for user in columns["user_id"])
    columns["visit"] = [v if v is None else str(v) for v in columns["visit"]]
    columns["timestamp"] = [t if t is None else t // 1000 for t in columns["timestamp"]]
    names = ["event_id", "user_id", *(name for name in _KINDS if name != "event_id")]
    rows = [
        dict(zip(names, row, strict=True)) for row in zip(*(columns[n] for n in names), strict=True)
    ]
    batches = list(_cut(random, rows, changes))
    user = sa.BigInteger() if is_number else Key()
    return History(rules or drawn_rules(random), batches, user)


def _year(nanosecond: int | None) -> int:
    return 0 if nanosecond is None else (_EPOCH + timedelta(microseconds=nanosecond // 1000)).year


def _cut(random: Random, rows: list[Row], changes: bool) -> Iterator[list[Row]]:
    """Give batches of rows, some again, and some of these with other content."""
    given: list[Row] = []
    for _ in range(random.randint(1, 4)):
        count = random.randint(0, len(rows) - len(given))
        batch = rows[len(given) : len(given) + count]
        given += batch
        again = random.sample(given, min(len(given), random.randint(0, 4)))
        earlier = [row for row in again if row not in batch]
        changed = [{**row, "campaign": "b", "timestamp": 7} for row in earlier[:changes]]
        yield random.sample([*batch, *again, *changed], len(batch) + len(again) + len(changed))


def instant(microsecond: int | None) -> datetime | None:
    return None if microsecond is None else _EPOCH + timedelta(microseconds=microsecond)


def stored(row: Row) -> Row:
    """Return a row as SQLAlchemy takes it."""
    return {**row, "timestamp": instant(row["timestamp"])}


def kept(batches: Sequence[list[Row]]) -> dict[int, Row]:
    """Return what the events table should hold: of each id the row that came first."""
    found: dict[int, Row] = {}
    for batch in batches:
        for row in batch:
            found.setdefault(row["event_id"], row)
    return found


@dataclass(frozen=True)
class Expected:
    """What the tables should hold, by a plain loop."""

    events: dict[int, str | None]
    sessions: list[tuple[Any, ...]]


def _nanoseconds(microsecond: int | None) -> int | None:
    return None if microsecond is None else microsecond * 1000


def expected(batches: Sequence[list[Row]], rules: Rules) -> Expected:
    rows = list(kept(batches).values())
    events = [
        Event(row["user_id"], _nanoseconds(row["timestamp"]), row["event_id"], row) for row in rows
    ]
    found = sessions_of(events, rules)
    ids = {row["event_id"]: one and one.id for row, one in zip(rows, found, strict=True)}
    each = {one.id: one for one in found if one is not None}
    sessions = [
        (s.id, s.user, min(s.times) // 1000, max(s.times) // 1000, len(s.times), s.index, s.reason)
        for s in each.values()
    ]
    return Expected(ids, sorted(sessions, key=lambda s: s[0]))
