"""The gaps of a target: counted in the database, so that no event leaves it."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, column, table

from clicksession.errors import ParameterError
from clicksession.labels import require_column
from clicksession.metrics.roles import EventTypes
from clicksession.sql.dialects import spelling
from clicksession.sql.tables import Tables
from clicksession.sql.text import settled
from clicksession.sql.urls import connected, shown_url
from clicksession.sql.vocabulary import vocabulary_in
from clicksession.timeouts.gaps import Counts, order_types, require_few
from clicksession.timeouts.histograms import BINS, GROUPS, NO_BIN
from clicksession.timeouts.outcomes import Outcome
from clicksession.timeouts.statements import Statements

__all__ = ["StoredLog", "stored_log"]

_MUST = "an Engine, a Connection, a database URL, or a frame in memory"


@dataclass(frozen=True)
class StoredLog:
    """The events of a database."""

    connection: Connection
    statements: Statements
    who: str

    def counts(self) -> dict[Hashable, Counts]:
        """Return the gaps of each, counted."""
        tables: dict[Hashable, Any] = defaultdict(
            lambda: np.zeros((GROUPS, BINS + 1), dtype=np.int64)
        )
        users: Counter[Hashable] = Counter()
        for key, group, place, count in self._rows(self.statements.histograms()):
            if place is None:
                users[key] += int(count)
                require_few(len(users), self.statements.by, self.who)
            else:
                tables[key][int(group), int(place) - NO_BIN] = int(count)
        return {key: Counts.of(tables[key], users[key]) for key in users}

    def outcomes(self, limits: Sequence[int]) -> dict[Hashable, list[Outcome]]:
        """Return what each comes to by each timeout."""
        visits = self._visits(limits)
        return {
            key: [
                Outcome(int(sessions), tuple(sorted(visits.get((key, place), ()))))
                for place, sessions in enumerate(counts)
            ]
            for key, *counts in self._rows(self.statements.sessions(limits))
        }

    def _visits(self, limits: Sequence[int]) -> dict[tuple[Hashable, int], list[tuple[int, int]]]:
        found: dict[tuple[Hashable, int], list[tuple[int, int]]] = defaultdict(list)
        if self.statements.types:
            for key, place, visits, count in self._rows(self.statements.visits(limits)):
                found[key, int(place)].append((int(visits), int(count)))
        return found

    def _rows(self, statement: Select[Any]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows, each with the value that divides the log, or None."""
        name = self.connection.dialect.name
        for row in self.connection.execute(settled(statement, name)):
            yield tuple(row) if self.statements.by is not None else (None, *row)


@contextmanager
def stored_log(
    data: Any,
    by: str | None,
    events: EventTypes,
    user: str,
    time: str,
    tables: Tables | None,
    who: str,
) -> Iterator[StoredLog]:
    """Open a database for as long as it is asked.

    Raises
    ------
    ParameterError
        It has no table of events, or not these columns.
    """
    family = Tables.given(tables, who=who)
    with connected(data, who=who, parameter="data", must=_MUST) as connection:
        there = family.table("events")
        kinds = spelling(connection.dialect.name).columns(connection, there)
        if kinds is None:
            must = f"a database with the table {there.name!r}, which run() or SQLWriter makes"
            raise ParameterError(who, "data", must, shown_url(connection.engine.url))
        for parameter, name in (("user", user), ("time", time), ("by", by)):
            if name is not None:
                require_column(list(kinds), name, who, parameter)
        columns = [column(name, kind) for name, kind in kinds.items()]
        types = order_types(events, vocabulary_in(connection, family), who)
        types = types if "event_type" in kinds else ()
        source = table(there.name, *columns, schema=there.schema)
        yield StoredLog(connection, Statements(source, user, time, by, types), who)
